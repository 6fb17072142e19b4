//! Functions that make JSON or change it.
//!
//! Source: <https://cloud.google.com/bigquery/docs/reference/standard-sql/json_functions#json_set> and beside it.

use super::super::udf::{Body, Def, P, R, T};
use super::super::value::{Value, cells};
use super::{Step, Tree, made, path, tree_of};

pub(super) const DEFS: &[Def] = &[
    Def::new(
        "JSON_ARRAY",
        &[P::Any],
        R::Is(T::Json),
        Body::Lenient(|a, _| Ok(made(&Tree::Array(a.iter().map(tree_of).collect::<Result<_, _>>()?)))),
    )
    .optional(1)
    .variadic(),
    Def::new("JSON_OBJECT", &[P::Any], R::Is(T::Json), Body::Lenient(|a, _| object(a))).optional(1).variadic(),
    Def::new(
        "JSON_REMOVE",
        &[P::Json, P::Str],
        R::Is(T::Json),
        Body::Strict(|a, _| {
            let mut tree = Tree::parse(a[0].str())?;
            for p in &a[1..] {
                let steps = path(p.str())?;
                if steps.is_empty() {
                    return Err("The JSONPath cannot be '$'".to_owned());
                }
                remove(&mut tree, &steps);
            }
            Ok(made(&tree))
        }),
    )
    .variadic(),
    Def::new(
        "JSON_SET",
        &[P::Json, P::Str, P::Any],
        R::Is(T::Json),
        Body::Lenient(|a, _| {
            each(a, |tree, steps, value| {
                set(tree, steps, &tree_of(value)?);
                Ok(())
            })
        }),
    )
    .variadic(),
    Def::new(
        "JSON_ARRAY_APPEND",
        &[P::Json, P::Str, P::Any],
        R::Is(T::Json),
        Body::Lenient(|a, _| each(a, |tree, steps, value| append(tree, steps, items(value, true)?))),
    )
    .variadic(),
    Def::new(
        "$JSON_ARRAY_APPEND_WHOLE",
        &[P::Json, P::Str, P::Any],
        R::Is(T::Json),
        Body::Lenient(|a, _| each(a, |tree, steps, value| append(tree, steps, items(value, false)?))),
    )
    .variadic(),
    Def::new(
        "JSON_ARRAY_INSERT",
        &[P::Json, P::Str, P::Any],
        R::Is(T::Json),
        Body::Lenient(|a, _| each(a, |tree, steps, value| insert(tree, steps, items(value, true)?))),
    )
    .variadic(),
    Def::new(
        "$JSON_ARRAY_INSERT_WHOLE",
        &[P::Json, P::Str, P::Any],
        R::Is(T::Json),
        Body::Lenient(|a, _| each(a, |tree, steps, value| insert(tree, steps, items(value, false)?))),
    )
    .variadic(),
    Def::new(
        "JSON_STRIP_NULLS",
        &[P::Json, P::Str],
        R::Is(T::Json),
        Body::Strict(|a, _| {
            let mut tree = Tree::parse(a[0].str())?;
            if let Some(p) = a.get(1) {
                if let Some(found) = find(&mut tree, &path(p.str())?) {
                    *found = stripped(std::mem::replace(found, Tree::Null));
                }
                return Ok(made(&tree));
            }
            Ok(made(&stripped(tree)))
        }),
    )
    .optional(1),
];

fn object<'a>(a: &[Value<'a>]) -> Result<Value<'a>, String> {
    // Either keys and values in turn, or an ARRAY of keys and one of values.
    let mut members: Vec<(String, Tree)> = Vec::new();
    let mut put = |key: &Value<'_>, value: &Value<'_>| -> Result<(), String> {
        if !matches!(key, Value::Str(_)) {
            return Err("JSON_OBJECT takes keys of type STRING that are not NULL".to_owned());
        }
        if !members.iter().any(|(k, _)| k == key.str()) {
            members.push((key.str().to_owned(), tree_of(value)?));
        }
        Ok(())
    };
    match a {
        [Value::List(keys), Value::List(values)] => {
            let (keys, values) = (cells(keys).map_err(|e| e.to_string())?, cells(values).map_err(|e| e.to_string())?);
            if keys.len() != values.len() {
                return Err("The number of keys and values must match".to_owned());
            }
            keys.iter().zip(&values).try_for_each(|(k, v)| put(k, v))?;
        }
        _ if a.len().is_multiple_of(2) => a.chunks(2).try_for_each(|pair| put(&pair[0], &pair[1]))?,
        _ => return Err("JSON_OBJECT takes keys and values in turn".to_owned()),
    }
    Ok(made(&Tree::Object(members).canonical()))
}

/// Takes pairs of path and value in turn; a NULL path or JSON gives NULL or is passed over.
fn each<'a>(a: &[Value<'a>], mut change: impl FnMut(&mut Tree, &[Step], &Value<'a>) -> Result<(), String>) -> Result<Value<'a>, String> {
    if a[0].is_null() {
        return Ok(Value::Null);
    }
    let mut tree = Tree::parse(a[0].str())?;
    for pair in a[1..].chunks(2) {
        let [at, value] = pair else {
            return Err("A JSONPath needs a value".to_owned());
        };
        if at.is_null() {
            return Ok(a[0].clone());
        }
        change(&mut tree, &path(at.str())?, value)?;
    }
    Ok(made(&tree.canonical()))
}

fn find<'t>(tree: &'t mut Tree, steps: &[Step]) -> Option<&'t mut Tree> {
    steps.iter().try_fold(tree, |tree, step| match (step, tree) {
        (Step::Key(key), Tree::Object(members)) => members.iter_mut().find(|(k, _)| k == key).map(|(_, v)| v),
        (Step::Index(i), Tree::Array(items)) => items.get_mut(*i),
        _ => None,
    })
}

fn remove(tree: &mut Tree, steps: &[Step]) {
    let Some((last, parents)) = steps.split_last() else { return };
    match (last, find(tree, parents)) {
        (Step::Key(key), Some(Tree::Object(members))) => members.retain(|(k, _)| k != key),
        (Step::Index(i), Some(Tree::Array(items))) if *i < items.len() => {
            items.remove(*i);
        }
        _ => {}
    }
}

/// Whether the path fits the tree is looked at first, so that nothing is changed where it does not.
fn set(tree: &mut Tree, steps: &[Step], value: &Tree) {
    match (steps.split_first(), tree) {
        (None, tree) => *tree = value.clone(),
        (Some((Step::Key(key), rest)), tree @ (Tree::Object(_) | Tree::Null)) => {
            if *tree == Tree::Null {
                *tree = Tree::Object(Vec::new());
            }
            let Tree::Object(members) = tree else { return };
            if !members.iter().any(|(k, _)| k == key) {
                members.push((key.clone(), Tree::Null));
            }
            if let Some((_, own)) = members.iter_mut().find(|(k, _)| k == key) {
                set(own, rest, value);
            }
        }
        (Some((Step::Index(i), rest)), tree @ (Tree::Array(_) | Tree::Null)) => {
            if *tree == Tree::Null {
                *tree = Tree::Array(Vec::new());
            }
            let Tree::Array(items) = tree else { return };
            if *i < 1_000_000 {
                while items.len() <= *i {
                    items.push(Tree::Null);
                }
                set(&mut items[*i], rest, value);
            }
        }
        _ => {}
    }
}

/// The elements that a value adds: those of an ARRAY one by one, unless it goes in whole.
fn items(value: &Value<'_>, each: bool) -> Result<Vec<Tree>, String> {
    match value {
        Value::List(list) if each => cells(list).map_err(|e| e.to_string())?.iter().map(tree_of).collect(),
        other => Ok(vec![tree_of(other)?]),
    }
}

fn append(tree: &mut Tree, steps: &[Step], added: Vec<Tree>) -> Result<(), String> {
    if let Some(found) = find(tree, steps) {
        match found {
            Tree::Array(own) => own.extend(added),
            Tree::Null => *found = Tree::Array(added),
            _ => {}
        }
    }
    Ok(())
}

fn insert(tree: &mut Tree, steps: &[Step], added: Vec<Tree>) -> Result<(), String> {
    let Some((Step::Index(index), parents)) = steps.split_last() else {
        return Ok(());
    };
    let Some(found) = find(tree, parents) else { return Ok(()) };
    if *found == Tree::Null {
        *found = Tree::Array(Vec::new());
    }
    if let Tree::Array(own) = found {
        if *index >= 1_000_000 {
            return Err("Exceeded maximum array size of 1000000".to_owned());
        }
        while own.len() < *index {
            own.push(Tree::Null);
        }
        own.splice(*index..*index, added);
    }
    Ok(())
}

fn stripped(tree: Tree) -> Tree {
    match tree {
        Tree::Object(members) => {
            Tree::Object(members.into_iter().filter(|(_, v)| *v != Tree::Null).map(|(k, v)| (k, stripped(v))).collect())
        }
        Tree::Array(items) => Tree::Array(items.into_iter().filter(|v| *v != Tree::Null).map(stripped).collect()),
        other => other,
    }
}
