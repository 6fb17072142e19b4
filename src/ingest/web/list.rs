//! What to fetch: a small YAML list that all three services read, each taking what it understands.

use std::path::Path;

use serde::Deserialize;

use super::WebError;

/// The list, checked.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct List {
    /// The charts of the whole service (Last.fm, Deezer).
    pub charts: bool,
    pub artists: Vec<Artist>,
    pub playlists: Vec<Playlist>,
    /// English names, for Last.fm's charts of countries.
    pub countries: Vec<String>,
    /// Last.fm users, whose recent plays are fetched.
    pub users: Vec<String>,
    /// Last.fm tags, whose top artists and tracks are fetched.
    pub tags: Vec<String>,
    /// Spotify searches for tracks, as its search box takes them.
    pub searches: Vec<String>,
    /// Deezer genres by number, whose charts and artists are fetched.
    pub genres: Vec<u64>,
    /// Spotify's market (ISO 3166-1 alpha-2) that top tracks are of.
    pub market: Option<String>,
    /// Most pages of any paged list.
    pub pages: Option<u32>,
    /// Also fetch every Deezer album and track that was found on its own: genres, labels, tempo; a request each.
    pub details: bool,
}

/// An artist: a name that every service looks up, or its number there as well.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(from = "ArtistEntry")]
pub struct Artist {
    pub name: String,
    pub spotify: Option<String>,
    pub deezer: Option<u64>,
}

/// A playlist of one service.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "PlaylistEntry")]
pub enum Playlist {
    Spotify(String),
    Deezer(u64),
}

#[derive(Deserialize)]
#[serde(untagged)]
enum ArtistEntry {
    Name(String),
    Known(KnownArtist),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KnownArtist {
    name: String,
    spotify: Option<String>,
    deezer: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PlaylistEntry {
    spotify: Option<String>,
    deezer: Option<u64>,
}

impl TryFrom<PlaylistEntry> for Playlist {
    type Error = &'static str;

    fn try_from(entry: PlaylistEntry) -> Result<Self, Self::Error> {
        match (entry.spotify, entry.deezer) {
            (Some(id), None) => Ok(Self::Spotify(id)),
            (None, Some(id)) => Ok(Self::Deezer(id)),
            _ => Err("a playlist is of one service, such as {spotify: ID} or {deezer: NUMBER}"),
        }
    }
}

impl From<ArtistEntry> for Artist {
    fn from(entry: ArtistEntry) -> Self {
        match entry {
            ArtistEntry::Name(name) => Self { name, spotify: None, deezer: None },
            ArtistEntry::Known(KnownArtist { name, spotify, deezer }) => Self { name, spotify, deezer },
        }
    }
}

const PAGES: u32 = 5;

impl List {
    /// Reads the list.
    ///
    /// # Errors
    /// [`WebError::List`] with the place of the mistake.
    pub fn read(path: &Path) -> Result<Self, WebError> {
        let wrong = |message: String| WebError::List { path: path.to_owned(), message };
        let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
        Self::parse(&text).map_err(wrong)
    }

    /// Reads the list from its text.
    ///
    /// # Errors
    /// The mistake in a sentence.
    pub fn parse(text: &str) -> Result<Self, String> {
        let list: Self = yaml_serde::from_str(text).map_err(|error| error.to_string())?;
        let spotify = list.artists.iter().filter_map(|artist| artist.spotify.as_deref());
        let playlists = list.playlists.iter().filter_map(|playlist| match playlist {
            Playlist::Spotify(id) => Some(id.as_str()),
            Playlist::Deezer(_) => None,
        });
        // They become a part of the address.
        if let Some(id) = spotify.chain(playlists).find(|id| !is_spotify_id(id)) {
            return Err(format!("{id:?} is no Spotify id: 22 letters and digits, the last part of a link to it"));
        }
        let market = list.market.as_deref().unwrap_or("US");
        if market.len() != 2 || !market.bytes().all(|byte| byte.is_ascii_uppercase()) {
            return Err(format!("market is {market:?}; it is a country's two letters, such as FR"));
        }
        let names = list.artists.iter().map(|artist| &artist.name);
        if names.chain(&list.countries).chain(&list.users).chain(&list.tags).chain(&list.searches).any(|name| name.trim().is_empty()) {
            return Err("a name in it is empty".to_owned());
        }
        match list.pages {
            Some(0) => Err("pages is 0; it is the most pages of any paged list, from 1".to_owned()),
            _ => Ok(list),
        }
    }

    pub(super) fn market(&self) -> &str {
        self.market.as_deref().unwrap_or("US")
    }

    /// How many pages may follow the first.
    pub(super) fn more_pages(&self) -> u32 {
        self.pages.unwrap_or(PAGES).saturating_sub(1)
    }
}

/// Source: <https://developer.spotify.com/documentation/web-api/concepts/spotify-uris-ids>
pub(super) fn is_spotify_id(text: &str) -> bool {
    text.len() == 22 && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_that_the_documentation_shows_is_read() {
        let list = List::parse(include_str!("../../../config/web-list.yaml")).unwrap();
        assert!(list.charts && list.artists.len() > 1 && !list.countries.is_empty());
        assert!(list.artists.iter().any(|artist| artist.spotify.is_some() && artist.deezer.is_some()));
    }

    #[test]
    fn mistakes_are_named() {
        let check = |text: &str, expected: &str| {
            let message = List::parse(text).unwrap_err();
            assert!(message.contains(expected), "{text}: {message}");
        };
        check("artist: [Stromae]", "unknown field `artist`");
        check("artists: Stromae", "artists");
        check("artists: [{name: Air, spotify: ../me}]", "no Spotify id");
        check("playlists: [{spotify: '37i9dQZF1DX1R3yDogYrbo/x'}]", "no Spotify id");
        check("playlists: [{deezer: 1, spotify: x}]", "of one service");
        check("market: France", "two letters");
        check("users: ['']", "empty");
        check("pages: 0", "pages is 0");
        assert!(List::parse("artists: [Air]").is_ok());
    }
}
