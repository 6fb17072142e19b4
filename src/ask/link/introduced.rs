//! What the words around a name say that it is: "tagged **chanson**", "the genre **chanson**", "the album **discovery**".

use std::sync::LazyLock;

use regex::Regex;

use super::{Kind, VERY_COMMON};

fn pattern(pattern: &str) -> Regex {
    Regex::new(pattern).expect("a constant pattern")
}

const TAGGED: &str = r"\b(?:(?:tagged|label+ed)(?: as)?|(?:taggu?e|tague|etiquete)e?s?(?: comme)?)(?: a la fois| both| either| soit)?";

static AFTER_TAGGED: LazyLock<Regex> = LazyLock::new(|| pattern(&format!("{TAGGED} $")));
static IN_TAGGED_LIST: LazyLock<Regex> = LazyLock::new(|| pattern(&format!(r"{TAGGED}(?: [\w'-]+,?(?: et| and| or| ou)?){{1,4}} $")));
static LIST_ENDS: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?:,| et| and| or| ou) $"));
static TAG: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:tag|etiquette) $"));
static SEGMENT: LazyLock<Regex> = LazyLock::new(|| pattern(r"\bsegment $"));
static GENRE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:(?:genre|style)(?: de)?|(?:morceaux|titres|artistes|groupes|albums|sons) de) $"));
static AS_GENRE: LazyLock<Regex> = LazyLock::new(|| pattern(r"^ (?:comme|as|for|pour)(?: a| their| its)? (?:genre|style)\b"));
static ALBUM: LazyLock<Regex> = LazyLock::new(|| pattern(r"\b(?:l'|the |cet |this |son |his |her |their )album $"));
static TITLE: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"\b(?:(?:the|this) (?:song|track)|(?:la|cette) chanson|(?:le|ce) (?:titre|morceau)) $"));
static ARTIST: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"\b(?:l'artiste|the artist|(?:the|this) (?:band|group|singer|rapper)|(?:le|ce) (?:groupe|chanteur|rappeur)|la chanteuse) $")
});

/// Whether the words before and behind a name say that one of this kind stands there. `uses` says how often questions use its rarest word without meaning a name.
pub(super) fn is_introduced((before, behind): (&str, &str), kind: Kind, uses: u32) -> bool {
    let rare = uses < VERY_COMMON;
    let segment = SEGMENT.is_match(before);
    match kind {
        // A segment is called like a genre, and is so asked for as all that has the name.
        Kind::Segment => segment || rare && TAG.is_match(before),
        Kind::Tag => {
            let listed = LIST_ENDS.is_match(before) && IN_TAGGED_LIST.is_match(before);
            segment || AFTER_TAGGED.is_match(before) || rare && TAG.is_match(before) || uses < 2 * VERY_COMMON && listed
        }
        Kind::Genre => segment || GENRE.is_match(before) || AS_GENRE.is_match(behind),
        Kind::Album => uses < VERY_COMMON / 2 && ALBUM.is_match(before),
        _ => false,
    }
}

/// The one kind that the words around a name say it is, where they say so: "the album **Thriller**" is not the song.
pub(super) fn only_kind((before, behind): (&str, &str)) -> Option<Kind> {
    if AS_GENRE.is_match(behind) {
        return Some(Kind::Genre);
    }
    let said = [(Kind::Album, &ALBUM), (Kind::Title, &TITLE), (Kind::Artist, &ARTIST), (Kind::Tag, &AFTER_TAGGED)];
    said.into_iter().find(|(_, pattern)| pattern.is_match(before)).map(|(kind, _)| kind)
}
