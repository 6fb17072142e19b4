//! Prompts for models that read the schema with the question.
//!
//! A template is minijinja. It is given what its caller serializes; the templates of `prompts/` expect `question` and `tables`, each
//! with `name`, `columns` (`name`, `type`), `primary_key` (names) and `foreign_keys` (`column`, `table`, `references`).

use std::path::{Path, PathBuf};

use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

use super::{ModelError, ModelLoadError, read_file};

/// A template that compiles.
#[derive(Debug, Clone, PartialEq)]
pub struct PromptTemplate {
    path: PathBuf,
    source: String,
}

impl PromptTemplate {
    /// # Errors
    /// [`ModelLoadError::MissingFile`]; [`ModelLoadError::InvalidFile`] with the line when it does not compile.
    pub fn read(path: &Path) -> Result<Self, ModelLoadError> {
        let invalid = |message: String| ModelLoadError::InvalidFile { path: path.to_owned(), message };
        let source = String::from_utf8(read_file(path)?).map_err(|error| invalid(error.to_string()))?;
        environment().template_from_str(&source).map_err(|error| invalid(error.to_string()))?;
        Ok(Self { path: path.to_owned(), source })
    }

    /// The prompt: line breaks become spaces, as models that were trained on one line expect.
    ///
    /// # Errors
    /// [`ModelError::Failed`] when the template uses what the context does not have.
    pub fn render(&self, context: impl Serialize) -> Result<String, ModelError> {
        let rendered = environment().render_str(&self.source, context);
        let text = rendered.map_err(|error| ModelError::Failed { message: format!("{}: {error}", self.path.display()) })?;
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }
}

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // A misspelt name is an error, not an empty string in every prompt.
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn shipped() -> PromptTemplate {
        PromptTemplate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts/spider.jinja")).unwrap()
    }

    #[test]
    fn the_spider_prompt_is_that_of_the_models_card() {
        let tables = json!([
            {"name": "users", "columns": [{"name": "user_id", "type": "int"}, {"name": "country", "type": "text"}],
             "primary_key": ["user_id"], "foreign_keys": []},
            {"name": "listens", "columns": [{"name": "user_id", "type": "int"}, {"name": "plays", "type": "int"}],
             "primary_key": [], "foreign_keys": [{"column": "user_id", "table": "users", "references": "user_id"}]},
        ]);
        let prompt = shipped().render(json!({"question": "How many users?", "tables": tables})).unwrap();
        insta::assert_snapshot!(prompt, @r#"Question: How many users? Schema: "users" "user_id" int , "country" text , foreign_key: primary key: "user_id" [SEP] "listens" "user_id" int , "plays" int , foreign_key: "user_id" from "users" "user_id" , primary key:"#);
    }

    #[test]
    fn a_missing_value_is_an_error() {
        let error = shipped().render(json!({"tables": []})).unwrap_err();
        assert!(error.to_string().contains("spider.jinja"), "{error}");
    }
}
