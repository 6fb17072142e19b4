//! Names: given by the query, of tables, of columns.

use super::super::functions;
use super::frame::{Name, Phase, Source};
use super::scan::Token;
use super::{Hopeless, Open, Step, Walk, words};

impl Walk<'_> {
    /// A name behind AS.
    pub(super) fn given(&mut self, token: Token<'_>, unfinished: bool) -> Step {
        let Some(Open::Query(frame)) = self.open.last_mut() else { return Ok(()) };
        let name = token.text.to_ascii_lowercase();
        match frame.phase {
            Phase::Items => frame.alias = Some(name),
            Phase::From if !unfinished => frame.rename_last(name),
            _ => {}
        }
        Ok(())
    }

    pub(super) fn qualified(&mut self, qualifier: &str, text: &str, unfinished: bool) -> Step {
        let whole = Name { qualifier: Some(qualifier.to_ascii_lowercase()), text: text.to_ascii_lowercase(), unfinished };
        if self.in_from() {
            return self.table_name(text, unfinished);
        }
        self.item(Some(text))?;
        if let Some(Open::Query(frame)) = self.open.last_mut() {
            // `users.country` is one name of three tokens.
            frame.item_tokens = 1;
            frame.item_name = Some(whole.text.clone());
        }
        self.name(whole)
    }

    pub(super) fn table(&mut self, token: Token<'_>, unfinished: bool) -> Step {
        self.table_name(token.text, unfinished)
    }

    pub(super) fn table_name(&mut self, name: &str, unfinished: bool) -> Step {
        let tables = &self.judge.tables;
        let Some(columns) = tables.columns(name) else {
            return if unfinished { Ok(()) } else { Err(Hopeless) };
        };
        let Some(Open::Query(frame)) = self.open.last_mut() else { return Ok(()) };
        frame.sources.push(Source { name: name.to_ascii_lowercase(), columns: Some(columns.to_vec()) });
        if tables.can_cover(frame) { Ok(()) } else { Err(Hopeless) }
    }

    /// A name that is read.
    pub(super) fn name(&mut self, name: Name) -> Step {
        if let Some(Open::Bracket(bracket)) = self.open.last()
            && bracket.word == "USING"
        {
            return self.joined(&name);
        }
        let judge = self.judge;
        if !self.open.iter().any(|open| matches!(open, Open::Query(_))) {
            return Ok(());
        }
        let mut innermost = true;
        for open in self.open.iter_mut().rev() {
            let Open::Query(frame) = open else { continue };
            if frame.phase == Phase::Items {
                let certain = !name.unfinished || judge.tables.knows(&name.text) && functions::find(&name.text).is_none();
                if innermost && certain {
                    frame.needs.push(name);
                    // What a subquery will give cannot be known.
                    return if judge.tables.could_cover(&frame.needs) { Ok(()) } else { Err(Hopeless) };
                }
                return Ok(());
            }
            match frame.find(&name, innermost) {
                Some(true) => return Ok(()),
                Some(false) => return Err(Hopeless),
                None => innermost = false,
            }
        }
        let word = |candidate: &str| candidate.len() > name.text.len() && candidate[..name.text.len()].eq_ignore_ascii_case(&name.text);
        let unfinished_word = name.unfinished && (words::keywords().any(word) || functions::all().any(|function| word(function.name)));
        let whole_function = name.unfinished && functions::find(&name.text).is_some();
        if unfinished_word || whole_function { Ok(()) } else { Err(Hopeless) }
    }

    /// A column of USING: it is in the table just joined and in one before.
    pub(super) fn joined(&mut self, name: &Name) -> Step {
        let Some(Open::Query(frame)) = self.open.iter_mut().rev().nth(1) else { return Ok(()) };
        let Some((last, before)) = frame.sources.split_last() else { return Ok(()) };
        if last.has(name) && before.iter().any(|source| source.has(name)) {
            if !name.unfinished {
                frame.using.push(name.text.clone());
            }
            Ok(())
        } else {
            Err(Hopeless)
        }
    }
}
