//! A query as a sentence without a verb: what, of what, by what, which, in what order, how many.

use sqlparser::ast::{Query, SetExpr, SetOperator};

use super::Writer;
use super::scope::first_select;

impl<'a> Writer<'a> {
    pub(super) fn sentence(&self, query: &'a Query) -> String {
        for cte in query.with.iter().flat_map(|with| &with.cte_tables) {
            self.ctes.borrow_mut().insert(cte.alias.name.value.to_lowercase(), &cte.query);
        }
        match &*query.body {
            SetExpr::Select(select) => self.select(select, Some(query)),
            body => {
                let text = self.body(body);
                let order = first_select(body).map(|select| {
                    let scope = self.scope(select);
                    self.order(query, &[], false, &scope)
                });
                format!("{text}{}", order.unwrap_or_default())
            }
        }
    }

    fn body(&self, body: &'a SetExpr) -> String {
        match body {
            SetExpr::Select(select) => self.select(select, None),
            SetExpr::Query(query) => format!("({})", self.sentence(query)),
            SetExpr::SetOperation { left, op, right, .. } => {
                let (left, right) = (self.body(left), self.body(right));
                let joint = match op {
                    SetOperator::Union => self.pick("together with", "ainsi que"),
                    SetOperator::Intersect => self.pick("that are also among", "qui figurent aussi parmi"),
                    SetOperator::Except | SetOperator::Minus => self.pick("without those among", "sans ceux qui figurent parmi"),
                };
                format!("({left}) {joint} ({right})")
            }
            _ => {
                self.further.set(true);
                self.pick("rows", "lignes").to_owned()
            }
        }
    }
}
