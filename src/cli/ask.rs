//! `quaver ask`: one answer on the terminal.

use clap::ValueEnum;
use serde_json::Value;

use super::{Ended, output, progress, shutdown, table};
use crate::api::Problem;
use crate::app::{App, Sharing};
use crate::ask::{Answer, AskError, AskRequest, Cost, Language};
use crate::config::Config;

#[derive(Debug, clap::Args)]
pub(super) struct Arguments {
    /// The question, in English or French
    question: String,
    /// Print the answer (or the problem) as JSON, as the API gives it
    #[arg(long)]
    json: bool,
    /// Language of the summary [default: that of the question]
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<AnswerLanguage>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum AnswerLanguage {
    En,
    Fr,
}

pub(super) async fn run(arguments: Arguments, config: Config) -> anyhow::Result<Ended> {
    let stop = shutdown::on_signal()?;
    let request = AskRequest {
        language: arguments.language.map(|language| match language {
            AnswerLanguage::En => Language::En,
            AnswerLanguage::Fr => Language::Fr,
        }),
        ..AskRequest::new(arguments.question)
    };
    let mut app = App::start(config, Sharing::Join, progress::shown()).await?;
    let answered = tokio::select! {
        answered = answer(&mut app, request) => answered?,
        () = stop.cancelled() => anyhow::bail!("interrupted"),
    };
    let ended = show(answered, arguments.json);
    app.close().await;
    ended
}

async fn answer(app: &mut App, request: AskRequest) -> anyhow::Result<Result<Answer, AskError>> {
    app.ready().await?;
    Ok(app.pipeline().ask(request, None).await)
}

fn show(answered: Result<Answer, AskError>, json: bool) -> anyhow::Result<Ended> {
    match answered {
        Ok(answer) if json => output::print_json(&answer)?,
        Ok(answer) => output::print(&text(&answer))?,
        Err(error @ AskError::Unanswerable { .. }) => {
            if json {
                output::print_json(&Problem::from(error))?;
            } else {
                output::complain(&refusal(&error));
            }
            return Ok(Ended::Unanswerable);
        }
        Err(error) => return Err(error.into()),
    }
    Ok(Ended::Done)
}

fn refusal(error: &AskError) -> String {
    let mut text = format!("quaver: {error}");
    if let AskError::Unanswerable { suggestions, choices, .. } = error
        && !suggestions.is_empty()
    {
        text.push_str(if choices.is_empty() { "\nQuestions that it answers:" } else { "\nIt may mean:" });
        for suggestion in suggestions {
            text.push_str(&format!("\n  {suggestion}"));
        }
    }
    text
}

/// What is paid for; nothing is said where nothing is.
fn cost(cost: &Cost) -> Option<String> {
    let (price, billed) = (cost.price.as_ref()?, cost.bytes_billed?);
    let cached = if cost.cache_hit { ", from the cache" } else { "" };
    Some(format!("{billed} bytes billed of at most {}: {:.6} {}{cached}.", cost.bytes_cap, price.amount, price.currency))
}

/// What a person reads: summary, what was understood, rows, SQL with its values, notes.
fn text(answer: &Answer) -> String {
    let understood = answer.understood.as_deref().map(|understood| match answer.language {
        Language::En => format!("Understood: {understood}"),
        Language::Fr => format!("Compris\u{a0}: {understood}"),
    });
    let mut parts = vec![table::printable(&answer.summary.text)];
    parts.extend(understood.map(|understood| table::printable(&understood)));
    if !answer.rows.is_empty() {
        parts.push(table::answer_rows(answer));
    }
    if answer.truncated {
        parts.push(format!("{} of {} rows.", answer.rows.len(), answer.row_count));
    }
    let mut sql = format!("SQL:\n{}", table::printable(&answer.sql));
    for parameter in &answer.parameters {
        let value = match &parameter.value {
            Value::String(text) => table::printable(text),
            other => other.to_string(),
        };
        sql.push_str(&format!("\n  @{} = {value} ({})", parameter.name, parameter.parameter_type));
    }
    parts.push(sql);
    parts.extend(cost(&answer.cost));
    parts.extend(answer.warnings.iter().map(|warning| format!("Note: {warning}")));
    if answer.sample {
        parts.push("Sample data: simulated plays of real artists and songs. `quaver load` brings real data.".to_owned());
    }
    parts.join("\n\n")
}
