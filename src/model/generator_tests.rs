use std::path::PathBuf;

use super::*;
use crate::model::PromptStyle;
use crate::model::explain::explains;

fn manifest(model: &str) -> Manifest {
    Manifest {
        name: model.to_owned(),
        source: ModelSource::Path(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(model)),
        prompt: PromptStyle::Masked,
        licence: "Apache-2.0".to_owned(),
        max_input_tokens: 32,
        max_new_tokens: 24,
        beams: 4,
        length_penalty: 0.6,
        beam_margin: Some(5.0),
        follow_ups: false,
        earlier_query: false,
        summaries: true,
        min_summary_confidence: 0.5,
        question_weight: 0.0,
        calibration: None,
    }
}

async fn loaded(model: &str) -> Arc<dyn SqlGenerator> {
    let settings = ModelSettings::new(HubSettings::new(PathBuf::from("unused")));
    load(&manifest(model), &settings).await.unwrap()
}

fn request(prompt: &str, beams: usize) -> GenerationRequest {
    GenerationRequest::answer(prompt, beams, 24)
}

#[tokio::test]
async fn a_prompt_becomes_sql() {
    let check = async |model: &str, prompt: &str, expected: &str| {
        let generator = loaded(model).await;
        for beams in [1, 4] {
            let candidates = generator.generate(request(prompt, beams)).await.unwrap();
            assert_eq!(candidates[0].text, expected);
            assert!(candidates[0].finished && candidates[0].log_probability < 0.0);
            assert!(candidates.len() <= beams);
        }
        let info = generator.info();
        assert_eq!((info.name.as_str(), info.revision.len()), (model, 12));
    };
    // The tiny models have learnt these by heart.
    check("tiny-t5-gated", "top @v1 <num> artists", "SELECT artist_name FROM music.listens LIMIT @v1").await;
    check("tiny-t5-gated", "artists from @v1 <country>", "SELECT name FROM music.artists WHERE country = @v1").await;
}

#[tokio::test]
async fn a_long_prompt_is_refused_with_its_length() {
    let error = loaded("tiny-t5").await.generate(request(&"artists ".repeat(100), 1)).await.unwrap_err();
    assert!(matches!(error, ModelError::PromptTooLong { tokens, limit: 32 } if tokens > 100), "{error:?}");
}

#[tokio::test]
async fn odd_prompts_get_an_answer() {
    let generator = loaded("tiny-t5").await;
    for prompt in ["", " ", "\0", "日本語 🎵", "</s> <pad> </s>", "@v1@v1@v9"] {
        let candidates = generator.generate(request(prompt, 2)).await.unwrap();
        assert!(!candidates.is_empty(), "{prompt:?}");
        assert!(candidates.iter().all(|one| !one.text.contains("</s>") && !one.text.contains("<pad>")), "{prompt:?}");
    }
}

#[tokio::test]
async fn an_answer_is_cut_at_the_limit() {
    let short = GenerationRequest::answer("top @v1 <num> artists", 2, 3);
    let candidates = loaded("tiny-t5").await.generate(short).await.unwrap();
    assert!(candidates.iter().any(|one| !one.finished && one.tokens.len() == 3));
}

#[tokio::test]
async fn a_folder_without_weights_is_named() {
    let mut manifest = manifest("tiny-t5");
    manifest.source = ModelSource::Path(PathBuf::from("no/such/model"));
    let settings = ModelSettings::new(HubSettings::new(PathBuf::from("unused")));
    let error = load(&manifest, &settings).await.err().unwrap().to_string();
    assert!(error.contains("no/such/model") && error.contains("is missing"), "{error}");
}

#[tokio::test]
async fn requests_at_one_time_get_the_answers_that_they_get_alone() {
    let prompts = [
        "top @v1 <num> artists",
        "artists from @v1 <country>",
        "how many songs by @v1 <artist>",
        "most popular song",
        "songs",
        "les artistes de @v1 <country> et de @v2 <country>",
        "",
        "top @v1 <num> songs by @v2 <artist> since @v3 <year>",
    ];
    for threads in [1, 2] {
        let settings = ModelSettings { threads, ..ModelSettings::new(HubSettings::new(PathBuf::from("unused"))) };
        let generator = load(&manifest("tiny-t5-gated"), &settings).await.unwrap();
        let requests: Vec<_> = (0..16).map(|index| request(prompts[index % 8], [4, 1, 2][index % 3])).collect();
        let mut alone = Vec::new();
        for request in &requests {
            alone.push(generator.generate(request.clone()).await.unwrap());
        }
        let spawn = |request: &GenerationRequest| {
            let (generator, request) = (Arc::clone(&generator), request.clone());
            tokio::spawn(async move { generator.generate(request).await })
        };
        for cancelled in [None, Some(0), Some(3), Some(15)] {
            let together: Vec<_> = requests.iter().map(spawn).collect();
            // All of them are in the queue, or on their way, before one is given up.
            tokio::task::yield_now().await;
            if let Some(cancelled) = cancelled {
                together[cancelled].abort();
            }
            for (index, (one, alone)) in together.into_iter().zip(&alone).enumerate() {
                match one.await {
                    // To the last bit of its probabilities.
                    Ok(found) => assert_eq!(&found.unwrap(), alone, "{index}"),
                    Err(error) => assert!(error.is_cancelled() && cancelled == Some(index), "{index}: {error}"),
                }
            }
        }
    }
}

#[tokio::test]
async fn finished_answers_are_asked_for_their_question() {
    let manifest = manifest("tiny-t5-gated");
    let ModelSource::Path(dir) = &manifest.source else { panic!("it is in a folder") };
    // The tiny models were not trained for it: any token does.
    let ask = 4;
    let mut model = TextModel::load(dir, Limits::of(&manifest), None).unwrap();
    model.ask = Some(ask);
    // Any token may stand for what divides a question from those before it, too.
    let then = model.tokenizer.encode("top @v1 <num> artists", 64).unwrap()[1];
    model.then = Some(then);
    let model = Arc::new(model);
    let pool = WorkerPool::start(&model, 1, 16).unwrap();
    let cut = GenerationRequest { max_new_tokens: 3, ..request("most popular song", 2) };
    let text = Task::Text { grammar: "start: /songs by @v1/".to_owned() };
    let text = GenerationRequest { task: text, ..request("songs", 1) };
    let long = ["artists"; 20].join(" ");
    let requests = [request("top @v1 <num> artists", 4), cut, request("artists from @v1 <country>", 1), request(&long, 4), text];
    let together = futures::future::join_all(requests.iter().map(|request| pool.run(request.clone()))).await;
    let (mut asked, mut follows) = (Vec::new(), Vec::new());
    for (request, candidates) in requests.iter().zip(together) {
        let prompt = model.tokenizer.encode(&request.prompt, 64).unwrap();
        let given = prompt.iter().rposition(|token| *token == then).map_or(0, |at| at + 1);
        follows.push(given > 0);
        for one in candidates.unwrap() {
            let alone = || explains(&model.t5, model.config.decoder_start(), ask, &one.tokens, &prompt, given).unwrap();
            assert_eq!(one.explains, (one.finished && request.task == Task::Answer).then(alone), "{}: {one:?}", request.prompt);
            asked.push(one.explains.is_some());
        }
    }
    assert!(asked.iter().filter(|asked| **asked).count() > 4 && asked.contains(&false), "{asked:?}");
    assert!(follows.contains(&true) && follows.contains(&false), "{follows:?}");
}

#[tokio::test]
async fn what_a_prompt_is_about_stands_behind_it() {
    let manifest = manifest("tiny-t5");
    let ModelSource::Path(dir) = &manifest.source else { panic!("it is in a folder") };
    let model = TextModel::load(dir, Limits::of(&manifest), None).unwrap();
    let [v1, v2] = ["@v1", "@v2"].map(|name| model.tokenizer.token(name).unwrap());
    let renamed = [("@v2", "@v1"), ("@v9", "@v2")].map(|(was, is)| (was.to_owned(), is.to_owned())).into();
    let about = About { tokens: vec![7, v2, v1, 1], renamed };
    assert_eq!(model.about(&about), [7, v1, v1, 1]);
    assert_eq!(behind(&[3, 4, 1], &[7, v1, 1]), [3, 4, 7, v1, 1]);
    assert_eq!(behind(&[3, 4, 1], &[]), [3, 4, 1]);

    let generator = loaded("tiny-t5").await;
    let plain = generator.generate(request("artists", 1)).await.unwrap();
    let led = generator.generate(GenerationRequest { about, ..request("artists", 1) }).await.unwrap();
    assert_ne!(plain[0].log_probability, led[0].log_probability);
}

#[tokio::test]
async fn a_text_is_held_to_its_grammar() {
    let generator = loaded("tiny-t5").await;
    let check = async |grammar: &str, max_new_tokens: usize| {
        let task = Task::Text { grammar: grammar.to_owned() };
        generator.generate(GenerationRequest { task, max_new_tokens, ..request("top @v1 <num> artists", 1) }).await
    };
    for _ in 0..2 {
        let text = check("start: /(ab|ba){2}/", 24).await.unwrap().remove(0);
        assert!(text.finished && text.log_probability < 0.0, "{text:?}");
        assert!(["abab", "abba", "baab", "baba"].contains(&text.text.as_str()), "{text:?}");
    }
    assert_eq!(check("start: /songs by @v1/", 24).await.unwrap()[0].text, "songs by @v1");
    assert!(matches!(check("start: /(ab/", 24).await, Err(ModelError::Failed { .. })));

    let settings = ModelSettings::new(HubSettings::new(PathBuf::from("unused")));
    let without = load(&Manifest { summaries: false, ..manifest("tiny-t5") }, &settings).await.unwrap();
    let request = GenerationRequest { task: Task::Text { grammar: "start: /a/".to_owned() }, ..request("x", 1) };
    assert!(matches!(without.generate(request).await, Err(ModelError::Failed { .. })));
}
