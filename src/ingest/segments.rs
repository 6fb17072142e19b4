//! Segments of users: k-means over what `transforms/87_user_features.sql` makes of their taste and behaviour.
//!
//! The centres are found here, by linfa, on some thousand users whatever the warehouse holds; `transforms/88_user_segments.sql` then
//! puts every user to the nearest centre, in the warehouse. How many segments there are is what separates the users best: the
//! silhouette decides, and stands beside the centres. One warehouse gives one result: the users are taken in a fixed order and the
//! random numbers have a fixed seed.

use std::collections::BTreeSet;

use linfa::DatasetBase;
use linfa::metrics::SilhouetteScore;
use linfa::traits::{Fit, Predict};
use linfa_clustering::KMeans;
use ndarray::{Array1, Array2, Axis};
use serde::Serialize;

use super::landing::pack;
use super::{IngestError, Sink, Write, tables};

/// The table that the segments are found from.
pub(super) const FEATURES: &str = "user_features";
/// The table that they are written to.
pub(super) const CENTRES: &str = "segment_centres";

/// Users that the centres are found on; more of them change little.
const MOST_USERS: usize = 4000;
/// The silhouette compares every user with every other, so that it looks at fewer.
const MOST_COMPARED: usize = 600;
/// Numbers of segments that are tried.
const SEGMENTS: [usize; 4] = [8, 10, 12, 15];
/// A segment of fewer users says nothing.
const FEWEST_PER_SEGMENT: usize = 5;
const STARTS: usize = 2;
const ITERATIONS: u64 = 60;
const TASTE: &str = "taste:";

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Segments {
    /// Name and centre of each, the largest first.
    pub(super) centres: Vec<(String, Vec<f64>)>,
    /// Of -1 to 1, how much nearer a user is to its own segment than to the next.
    pub(super) silhouette: f64,
    pub(super) users: usize,
}

#[derive(Serialize)]
struct Row<'a> {
    segment: &'a str,
    feature: &'a str,
    value: f64,
    silhouette: f64,
    users: usize,
}

/// Finds the segments and writes their centres. Returns the number of rows.
///
/// # Errors
/// What the warehouse says.
pub(super) async fn find(sink: &dyn Sink) -> Result<u64, IngestError> {
    let raw = tables::RAW;
    let names = texts(sink, &format!("SELECT feature FROM {raw}.{FEATURES} GROUP BY feature ORDER BY feature")).await?;
    // In the order of a hash, which has nothing to do with who they are.
    let users = texts(
        sink,
        &format!(
            "SELECT ARRAY_TO_STRING(ARRAY_AGG(CAST(ROUND(value, 6) AS STRING) ORDER BY feature), ' ') AS features FROM {raw}.{FEATURES} \
             GROUP BY user_id ORDER BY TO_HEX(MD5(CAST(user_id AS STRING))) LIMIT {MOST_USERS}"
        ),
    )
    .await?;
    let vectors: Vec<Vec<f64>> = users.iter().map(|text| text.split(' ').filter_map(|value| value.parse().ok()).collect()).collect();
    let vectors: Vec<Vec<f64>> = vectors.into_iter().filter(|vector| vector.len() == names.len() && !vector.is_empty()).collect();
    let found = {
        let names = names.clone();
        let found = tokio::task::spawn_blocking(move || segments(&names, &vectors));
        found.await.unwrap_or_else(|panic| std::panic::resume_unwind(panic.into_panic()))
    };
    let Segments { centres, silhouette, users } = found;
    if !centres.is_empty() {
        tracing::info!(users, segments = centres.len(), silhouette = format!("{silhouette:.3}"), "segments of users");
    }
    let rows: Vec<Row<'_>> = centres
        .iter()
        .flat_map(|(segment, centre)| {
            let row = |(feature, value)| Row { segment, feature, value, silhouette, users };
            names.iter().map(String::as_str).zip(centre.iter().copied()).map(row)
        })
        .collect();
    sink.load(raw, tables::bronze(CENTRES), pack(&rows), Write::Replace).await
}

async fn texts(sink: &dyn Sink, sql: &str) -> Result<Vec<String>, IngestError> {
    Ok(sink.texts(sql).await?.into_iter().flat_map(|row| row.into_iter().next().flatten()).collect())
}

/// Groups users by their vectors, whose places have names. Too few users are one group, none are none.
pub(super) fn segments(names: &[String], vectors: &[Vec<f64>]) -> Segments {
    let users = vectors.len();
    if users == 0 || names.is_empty() {
        return Segments { centres: Vec::new(), silhouette: 0.0, users: 0 };
    }
    let records = Array2::from_shape_fn((users, names.len()), |(user, feature)| vectors[user][feature]);
    let mean = records.mean_axis(Axis(0)).expect("there is a user");
    let tried = SEGMENTS.into_iter().filter(|count| users >= count * FEWEST_PER_SEGMENT).filter_map(|count| grouped(&records, count));
    let best = tried.max_by(|one, other| one.1.total_cmp(&other.1));
    let (centres, silhouette, members) = best.unwrap_or_else(|| (mean.clone().insert_axis(Axis(0)), 0.0, Array1::zeros(users)));
    let mut order: Vec<usize> = (0..centres.nrows()).collect();
    let size = |segment: usize| members.iter().filter(|member| **member == segment).count();
    order.sort_by_key(|segment| (std::cmp::Reverse(size(*segment)), *segment));
    let mut taken = BTreeSet::new();
    let named = |segment: usize| {
        let centre = centres.row(segment).to_vec();
        (name(names, &centre, mean.as_slice().expect("a mean is contiguous"), &mut taken), centre)
    };
    Segments { centres: order.into_iter().map(named).collect(), silhouette, users }
}

type Grouped = (Array2<f64>, f64, Array1<usize>);

fn grouped(records: &Array2<f64>, count: usize) -> Option<Grouped> {
    let dataset = DatasetBase::from(records.clone());
    let model = KMeans::params(count).n_runs(STARTS).max_n_iterations(ITERATIONS).tolerance(1e-4).fit(&dataset).ok()?;
    let members = model.predict(records);
    let compared: Vec<usize> = (0..records.nrows().min(MOST_COMPARED)).collect();
    let some = DatasetBase::new(records.select(Axis(0), &compared), members.select(Axis(0), &compared));
    let silhouette = some.silhouette_score().ok()?;
    Some((model.centroids().clone(), silhouette, members))
}

/// The tag that a segment likes most beyond what all users do, of those that no larger segment is named by.
fn name(names: &[String], centre: &[f64], mean: &[f64], taken: &mut BTreeSet<String>) -> String {
    let mut tags: Vec<(f64, &str)> = names
        .iter()
        .zip(centre.iter().zip(mean))
        .filter_map(|(name, (value, mean))| Some((value * (value / mean.max(1e-9)).max(0.0).sqrt(), name.strip_prefix(TASTE)?)))
        .collect();
    tags.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(other.1)));
    let free = tags.iter().map(|(_, tag)| (*tag).to_owned()).find(|tag| !taken.contains(tag));
    let name = free.unwrap_or_else(|| format!("segment {}", taken.len() + 1));
    taken.insert(name.clone());
    name
}

#[cfg(test)]
mod tests {
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;

    use super::*;

    fn names(tags: &[&str]) -> Vec<String> {
        tags.iter().map(|tag| format!("{TASTE}{tag}")).chain(["behaviour:plays".to_owned()]).collect()
    }

    /// Users who like one tag each, as many of each as `sizes` says.
    fn users(sizes: &[usize]) -> Vec<Vec<f64>> {
        let mut rng = ChaCha8Rng::seed_from_u64(5);
        let mut users = Vec::new();
        for (tag, size) in sizes.iter().enumerate() {
            for _ in 0..*size {
                let mut vector: Vec<f64> = (0..=sizes.len()).map(|_| rng.random_range(0.0..0.1)).collect();
                vector[tag] += 0.9;
                users.push(vector);
            }
        }
        users
    }

    const TAGS: [&str; 8] = ["rock", "pop", "metal", "jazz", "rap", "folk", "indie", "soul"];
    const SIZES: [usize; 8] = [40, 35, 30, 25, 20, 15, 12, 9];

    #[test]
    fn groups_that_are_there_are_found_and_named_by_what_leads_them() {
        let found = segments(&names(&TAGS), &users(&SIZES));
        assert_eq!(found.centres.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), TAGS);
        assert!(found.silhouette > 0.7, "{}", found.silhouette);
        assert_eq!(found.users, SIZES.iter().sum::<usize>());
    }

    #[test]
    fn the_same_users_give_the_same_segments() {
        let (names, users) = (names(&TAGS), users(&SIZES));
        assert_eq!(segments(&names, &users), segments(&names, &users));
    }

    #[test]
    fn few_users_are_one_segment_and_none_are_none() {
        let names = names(&["rock", "pop"]);
        let few = segments(&names, &[vec![0.9, 0.1, 0.0], vec![0.8, 0.3, 0.0]]);
        assert_eq!(few.centres.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["rock"]);
        assert_eq!(segments(&names, &[]).centres, []);
    }

    #[test]
    fn no_two_segments_have_one_name() {
        let mut taken = BTreeSet::new();
        let tags = names(&["rock", "pop"]);
        let named: Vec<String> = (0..3).map(|_| name(&tags, &[0.9, 0.4, 0.0], &[0.5, 0.5, 0.0], &mut taken)).collect();
        assert_eq!(named, ["rock", "pop", "segment 3"]);
    }
}
