//! The hand-written catalogue: real artists and songs, with facts that are known of them. Everything else of the sample is simulated.

/// An artist of artists.tsv.
#[derive(Debug, Clone)]
pub(super) struct CatalogueArtist {
    pub name: &'static str,
    pub country: &'static str,
    /// The leading genre first.
    pub genres: Vec<&'static str>,
    /// How well known the artist is, 0 to 100, by the judgement of whoever wrote the catalogue.
    pub fame: i64,
    pub songs: Vec<Song>,
}

/// A song of songs.tsv.
#[derive(Debug, Clone)]
pub(super) struct Song {
    pub title: &'static str,
    pub year: i32,
    pub album: Option<&'static str>,
    pub featuring: Vec<&'static str>,
}

const ARTISTS: &str = include_str!("artists.tsv");
const SONGS: &str = include_str!("songs.tsv");

/// The catalogue, in the order of artists.tsv. A line that does not fit is left out; a test holds that there is none.
pub(super) fn read() -> Vec<CatalogueArtist> {
    let mut artists: Vec<CatalogueArtist> = ARTISTS.lines().skip(1).filter_map(artist).collect();
    let by_name: std::collections::HashMap<&str, usize> = artists.iter().enumerate().map(|(i, a)| (a.name, i)).collect();
    for (name, song) in SONGS.lines().skip(1).filter_map(song) {
        if let Some(index) = by_name.get(name) {
            artists[*index].songs.push(song);
        }
    }
    artists
}

fn artist(line: &'static str) -> Option<CatalogueArtist> {
    let mut cells = line.split('\t');
    let (name, country, genres) = (cells.next()?, cells.next()?, cells.next()?);
    // First and last active year are for readers of the catalogue; no table has a column for them.
    let fame = cells.nth(2)?.parse().ok()?;
    Some(CatalogueArtist { name, country, genres: genres.split(',').collect(), fame, songs: Vec::new() })
}

fn song(line: &'static str) -> Option<(&'static str, Song)> {
    let mut cells = line.split('\t');
    let (artist, title, year, album) = (cells.next()?, cells.next()?, cells.next()?.parse().ok()?, cells.next()?);
    let featuring = cells.next().unwrap_or_default().split(';').filter(|name| !name.is_empty()).collect();
    Some((artist, Song { title, year, album: (!album.is_empty()).then_some(album), featuring }))
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::catalog::artist_key;

    const GENRES: &str = "rock pop electronic indie hip-hop jazz metal folk soul reggae classical house chanson punk r&b ambient \
        alternative trip-hop country latin blues funk disco k-pop afrobeat techno grunge singer-songwriter synth-pop world";

    #[test]
    fn every_line_of_the_catalogue_is_read_and_no_key_stands_twice() {
        let artists = read();
        assert_eq!(artists.len(), ARTISTS.lines().count() - 1);
        assert_eq!(artists.iter().map(|a| a.songs.len()).sum::<usize>(), SONGS.lines().count() - 1);
        assert!(artists.len() >= 220 && SONGS.lines().count() > 1550);
        let keys: HashSet<String> = artists.iter().map(|a| artist_key(a.name)).collect();
        assert_eq!(keys.len(), artists.len());
        for artist in &artists {
            assert!(!artist.songs.is_empty(), "{} has no song", artist.name);
            assert!((0..=100).contains(&artist.fame), "{}", artist.name);
            for genre in &artist.genres {
                assert!(GENRES.split_whitespace().any(|g| g == *genre) || *genre == "variété française", "{genre}");
            }
            let titles: HashSet<String> = artist.songs.iter().map(|song| song.title.to_lowercase()).collect();
            assert_eq!(titles.len(), artist.songs.len(), "{} has a song twice", artist.name);
            assert!(artist.songs.iter().all(|song| !song.title.is_empty() && (1800..=2026).contains(&song.year)), "{}", artist.name);
        }
    }
}
