/// What a project's pipeline should do.
pub(super) struct Recipe {
    pub(super) jobs: Vec<RecipeJob>,
    pub(super) artifacts: Vec<String>,
}

pub(super) struct RecipeJob {
    pub(super) name: &'static str,
    pub(super) needs: Option<&'static str>,
    pub(super) steps: Vec<RecipeStep>,
    pub(super) outputs: Vec<String>,
}

pub(super) struct RecipeStep {
    pub(super) name: &'static str,
    pub(super) script: String,
    /// What the reader should know, without `#`; may be empty.
    pub(super) comment: String,
}

impl RecipeStep {
    pub(super) fn new(name: &'static str, script: impl Into<String>) -> Self {
        Self { name, script: script.into(), comment: String::new() }
    }

    pub(super) fn with_comment(self, comment: impl Into<String>) -> Self {
        Self { comment: comment.into(), ..self }
    }
}

impl Recipe {
    /// A project that builds what it releases: `outputs` are files, or folders with a final `/`.
    pub(super) fn built(steps: Vec<RecipeStep>, outputs: Vec<String>) -> Self {
        let artifacts = outputs
            .iter()
            .map(|output| if output.ends_with('/') { format!("{output}**") } else { output.clone() })
            .collect();
        Self { jobs: vec![RecipeJob { name: "build", needs: None, steps, outputs }], artifacts }
    }

    /// A project whose product is its source, as far as can be seen from outside: it is packed, sorted and with a fixed time, so
    /// that the same tree gives the same bytes.
    pub(super) fn archived(steps: Vec<RecipeStep>, name: &str) -> Self {
        let archive = format!("{name}.tar.gz");
        let pack = format!(
            "tar --sort=name --mtime=@315532800 --owner=0 --group=0 --numeric-owner \\\n  \
             -cf /tmp/archive.tar .\n\
             gzip -n < /tmp/archive.tar > {archive}"
        );
        let pack = RecipeStep::new("pack", pack)
            .with_comment("The source, packed so that the same tree gives the same bytes.");
        let build = RecipeJob { name: "build", needs: None, steps, outputs: Vec::new() };
        let package = RecipeJob {
            name: "package",
            needs: Some("build"),
            steps: vec![pack],
            outputs: vec![archive.clone()],
        };
        Self { jobs: vec![build, package], artifacts: vec![archive] }
    }
}
