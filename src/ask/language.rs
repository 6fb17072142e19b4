//! The language of a question, by its small words.
//!
//! Two languages are served and a question has a dozen words, so a list of the words that hold sentences together decides well
//! (the test measures it on the development questions). Names are no evidence: "La Femme" and "The Cure" are asked about in both.

use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A language that questions are asked and answered in.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    #[default]
    En,
    Fr,
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::En => "en",
            Self::Fr => "fr",
        })
    }
}

// Words of both languages with other meanings ("on", "a", "me", "date", "album", "pop") are in neither list.
const ENGLISH: &str = "the of in is are was were be been what which who whose whom how many much when where why do does did has have had \
    and for by with without from to at than that this these those there it its their them they he she his her our my i you your we us \
    all any each every more most less least fewer top best show give tell find list get songs song tracks artists artist listeners \
    listener users user plays played play listened listening listen chart charts charted hits ever never not no but or only between \
    during since after before over under above below per year years month months week weeks day days friends friend tagged \
    number average share people countries country often about like same recent latest current longest shortest highest lowest fastest \
    slowest saddest happiest popular popularity similar recommended recommend streams streamed track whats s don as if out both also \
    first last new newest oldest released release spent into up than while was rank ranked want would could can";
const FRENCH: &str = "le la les l un une des du de d et ou où au aux en dans par pour sur avec sans chez entre qui que quoi qu quel quelle quels \
    quelles lequel laquelle combien comment quand pourquoi est sont était étaient été être ont avoir eu ai as ce cet cette ces c ça s se sa \
    son ses leur leurs il elle ils elles nous vous je j moi mes mon ma y n ne pas plus moins jamais tous toutes tout toute chaque \
    même aussi mais donc écoutes écoute écouté écoutés écoutée écoutées ecoutes ecoute ecoutes ecoutent écoutent auditeurs auditeur \
    utilisateurs utilisateur titres titre morceaux morceau chansons chanson artistes artiste classement classés classé pays année annees années \
    an ans mois semaine semaines jour jours nombre moyenne part amis ami gens musique musiques dernier dernière derniers dernières \
    premier première premiers premières depuis pendant avant après apres parmi donne donnez montre montrez affiche liste trouve fait font \
    y t-il étiqueté tagué tagués tague populaire populaires popularité meilleurs meilleures meilleur sorti sortis sortie selon heure \
    heures mis mise fois albums quelqu veux voudrais peux peut vont va suivis abonnés abonnes durée duree connus connaît";

static WORDS: LazyLock<(HashSet<&str>, HashSet<&str>)> =
    LazyLock::new(|| (ENGLISH.split_whitespace().collect(), FRENCH.split_whitespace().collect()));

impl Language {
    /// The language of a question; English when nothing speaks for either.
    #[must_use]
    pub fn detect(question: &str) -> Self {
        let question = question.to_lowercase().replace('’', "'");
        let (english, french) = &*WORDS;
        let (mut for_english, mut for_french) = (0_i32, 0_i32);
        for word in question.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            for_english += i32::from(english.contains(word));
            for_french += i32::from(french.contains(word));
        }
        // No English word has these letters, and names that do are rarer than French verbs; an accent breaks ties.
        for_french += i32::from(question.chars().any(|c| "àâçèêëîïôùûœ".contains(c)));
        if for_french > for_english || (for_french == for_english && question.contains('é')) { Self::Fr } else { Self::En }
    }

    /// One of two texts.
    pub(super) fn pick<T>(self, english: T, french: T) -> T {
        match self {
            Self::En => english,
            Self::Fr => french,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn questions_are_told_apart_by_their_small_words() {
        let check = |question: &str, expected: Language| assert_eq!(Language::detect(question), expected, "{question}");
        check("Who are the 10 most listened-to artists?", Language::En);
        check("Quels sont les artistes les plus écoutés ?", Language::Fr);
        check("top 10 artistes en France", Language::Fr);
        check("top 10 artists in France", Language::En);
        check("songs by La Femme", Language::En);
        check("les titres de The Cure", Language::Fr);
        check("c’est quoi l’artiste le plus populaire", Language::Fr);
        check("daft punk", Language::En);
        check("", Language::En);
    }

    #[test]
    fn the_development_questions_are_told_apart() {
        let text = include_str!("../../eval/dev.jsonl");
        let wrong: Vec<String> = text
            .lines()
            .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
            .filter(|case| case["language"] != Language::detect(case["question"].as_str().unwrap()).to_string())
            .map(|case| case["question"].to_string())
            .collect();
        let total = text.lines().count();
        assert!(wrong.len() * 100 <= total, "{} of {total} wrong: {wrong:#?}", wrong.len());
    }
}
