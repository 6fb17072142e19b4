//! One query that is being written.

/// A name that is read.
#[derive(Debug, Clone)]
pub(super) struct Name {
    pub(super) qualifier: Option<String>,
    pub(super) text: String,
    /// It stands at the end and may go on.
    pub(super) unfinished: bool,
}

impl Name {
    fn is(&self, candidate: &str) -> bool {
        if self.unfinished { candidate.starts_with(&self.text) } else { candidate == self.text }
    }
}

/// The clause that is being written, in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Phase {
    Items,
    From,
    Where,
    Group,
    Having,
    Qualify,
    Order,
    Limit,
    /// After UNION and its like.
    Operator,
}

/// What FROM brings; no columns are known of what is not understood.
#[derive(Debug, Clone)]
pub(super) struct Source {
    pub(super) name: String,
    pub(super) columns: Option<Vec<String>>,
}

impl Source {
    pub(super) fn unnamed(columns: Option<Vec<String>>) -> Self {
        Self { name: String::new(), columns }
    }

    pub(super) fn has(&self, name: &Name) -> bool {
        self.columns.as_ref().is_none_or(|columns| columns.iter().any(|column| name.is(column)))
    }
}

/// A query from its SELECT on; of a set operation, the part that is being written.
#[derive(Debug)]
pub(super) struct Frame {
    /// Where the first part begins, and this one.
    pub(super) first: usize,
    pub(super) start: usize,
    /// Parts before this one.
    pub(super) parts: usize,
    pub(super) phase: Phase,
    /// Behind ON.
    pub(super) in_condition: bool,
    /// Names that SELECT reads, which FROM must bring.
    pub(super) needs: Vec<Name>,
    /// Names that SELECT gives; not all of them when it has a star.
    pub(super) outputs: Vec<String>,
    pub(super) opaque: bool,
    pub(super) sources: Vec<Source>,
    pub(super) using: Vec<String>,
    pub(super) alias: Option<String>,
    pub(super) item_name: Option<String>,
    pub(super) item_tokens: usize,
}

impl Frame {
    pub(super) fn new(start: usize) -> Self {
        Self {
            first: start,
            start,
            parts: 0,
            phase: Phase::Items,
            in_condition: false,
            needs: Vec::new(),
            outputs: Vec::new(),
            opaque: false,
            sources: Vec::new(),
            using: Vec::new(),
            alias: None,
            item_name: None,
            item_tokens: 0,
        }
    }

    /// The next part of a set operation; the names that the whole gives are those of its first part.
    pub(super) fn next_part(&mut self, start: usize) {
        *self = Self { first: self.first, parts: self.parts + 1, ..Self::new(start) };
    }

    /// An item of SELECT is complete.
    pub(super) fn end_item(&mut self) {
        if self.phase != Phase::Items {
            return;
        }
        self.outputs.extend(self.alias.take().or(self.item_name.take()).map(|name| name.to_ascii_lowercase()));
        self.item_tokens = 0;
    }

    /// The columns that a query around it sees; `None` when they are not known.
    pub(super) fn gives(self) -> Option<Vec<String>> {
        (!self.opaque && self.parts == 0).then_some(self.outputs)
    }

    /// An alias of the last source. What has no columns of its own, an array, is named itself.
    pub(super) fn rename_last(&mut self, name: String) {
        if let Some(source) = self.sources.last_mut() {
            if source.columns.as_ref().is_some_and(Vec::is_empty) {
                source.columns = Some(vec![name.clone()]);
            }
            source.name = name;
        }
    }

    /// Whether the name is one of this query; `Some(false)` when it cannot be meant, `None` when it may be one of a query around it.
    pub(super) fn find(&self, name: &Name, innermost: bool) -> Option<bool> {
        let gives =
            self.phase >= Phase::Group && innermost && name.qualifier.is_none() && self.outputs.iter().any(|output| name.is(output));
        let qualifies =
            name.unfinished && name.qualifier.is_none() && self.sources.iter().any(|source| source.name.starts_with(&name.text));
        if gives || qualifies || self.parts > 0 || self.sources.iter().any(|source| source.columns.is_none()) {
            return Some(true);
        }
        if let Some(qualifier) = &name.qualifier {
            let source = self.sources.iter().find(|source| source.name == *qualifier)?;
            return Some(source.has(name));
        }
        let count = self.sources.iter().filter(|source| source.has(name)).count();
        match count {
            0 => None,
            1 => Some(true),
            _ => Some(name.unfinished || self.using.contains(&name.text)),
        }
    }
}
