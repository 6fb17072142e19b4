//! The built program, with a data directory and a model of its own.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use tempfile::TempDir;

const TINY_MODEL: &str = r#"
name = "quaver-music"
prompt = "masked"
licence = "Apache-2.0"
max_input_tokens = 256
max_new_tokens = 8
source = { path = "FOLDER" }
"#;

/// A directory in which nothing has happened yet. Its model has random weights, and writes nothing that is SQL.
pub(crate) struct Place {
    pub(crate) dir: TempDir,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place = Self { dir: tempfile::tempdir().unwrap() };
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tiny-t5");
        place.model(&fixture);
        place
    }

    /// Makes the folder the model of this place.
    pub(crate) fn model(&self, folder: &Path) {
        std::fs::create_dir_all(self.path("models")).unwrap();
        std::fs::write(self.path("models/quaver-music.toml"), TINY_MODEL.replace("FOLDER", folder.to_str().unwrap())).unwrap();
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quaver"));
        command.current_dir(self.dir.path()).env_clear().env("QUAVER__MODEL__DIR", self.path("models")).args(arguments);
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Ran {
        Ran::from(self.command(arguments).output().unwrap())
    }

    /// Starts a service; waits for its first line.
    pub(crate) fn start(&self, arguments: &[&str]) -> Started {
        self.start_command(self.command(arguments))
    }

    pub(crate) fn start_command(&self, mut command: Command) -> Started {
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first_line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first_line).unwrap();
        let Some(url) = first_line.trim().strip_prefix("listening on ") else {
            let said = child.wait_with_output().unwrap();
            panic!("the first line is {first_line:?}\n{}", String::from_utf8_lossy(&said.stderr));
        };
        Started { url: url.to_owned(), child: Some(child) }
    }
}

/// How a command ended and what it said.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Self { code: output.status.code(), stdout: text(output.stdout), stderr: text(output.stderr) }
    }
}

/// A service that runs; killed when the test ends without stopping it.
pub(crate) struct Started {
    pub(crate) url: String,
    child: Option<Child>,
}

impl Started {
    /// Sends SIGTERM.
    pub(crate) fn terminate(&self) {
        let id = self.child.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args(["-TERM", &id]).status().unwrap().success());
    }

    /// Waits for the end.
    pub(crate) fn wait(mut self) -> Ran {
        Ran::from(self.child.take().unwrap().wait_with_output().unwrap())
    }
}

impl Drop for Started {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            // It may have ended by itself; the test has its own verdict.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
