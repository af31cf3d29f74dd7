//! The commands that meet the plants.

/// A run of the program.
#[derive(Debug, Clone, Copy)]
pub(super) struct Command {
    /// Its column in the table.
    pub(super) name: &'static str,
    /// `{url}` is the database's URL, `{db}` its name.
    pub(super) arguments: &'static str,
    /// How it ends for a superuser where nothing is planted.
    pub(super) code: i32,
}

const fn command(name: &'static str, arguments: &'static str, code: i32) -> Command {
    Command { name, arguments, code }
}

/// What reads and writes the ledger and the bookkeeping.
pub(super) const RECORDS: [Command; 6] = [
    command("status", "status", 4),
    command("deploy", "deploy --to 20260102000000", 0),
    command("no-op", "deploy --to 20260102000000", 0),
    command("env set", "env set testing", 0),
    command("seed", "seed", 0),
    command("rollback", "rollback --yes", 0),
];

/// What builds definitions of the database in another one.
pub(super) const BUILDING: [Command; 8] = [
    command("deploy", "deploy", 0),
    command("pull", "pull --print", 0),
    command("owners", "pull --print --owners", 0),
    command("prove", "diff --prove empty {url}", 0),
    command("owned", "diff --prove --owners empty {url}", 0),
    command("backup", "backup", 0),
    command("saved", "diff --prove empty backup:latest", 0),
    command("fix", "drift --fix --name f", 0),
];

/// Every command, in an order in which each has something to do.
pub(super) const ALL: [Command; 38] = [
    command("status", "status", 4),
    command("dry run", "deploy --dry-run", 0),
    command("deploy", "deploy --to 20260102000000", 0),
    command("no-op", "deploy --to 20260102000000", 0),
    command("env show", "env show", 0),
    command("env set", "env set testing", 0),
    command("seed", "seed", 0),
    command("reading", "execute --sql TABLE|public.a", 0),
    command("writing", "execute --yes --sql INSERT|INTO|public.a|VALUES|(7)", 0),
    command("health", "health", 0),
    command("config", "config", 0),
    command("drift", "drift", 0),
    command("checked", "status --check drift", 4),
    command("refresh", "drift --refresh", 0),
    command("generate", "generate --print", 0),
    command("pull", "pull --print", 0),
    command("diff", "diff migrations {url}", 0),
    command("prove", "diff --prove empty {url}", 0),
    command("push", "push --from migrations --despite-history --dry-run", 0),
    command("list", "migrate list", 0),
    command("show", "migrate show 20260101000000", 0),
    command("migrate", "migrate --name d", 0),
    command("validate", "validate", 0),
    command("squash", "migrate squash --through 20260102000000 --dry-run", 0),
    command("resolve", "resolve --accept-edit 20260101000000", 0),
    command("rollback", "rollback --steps 2 --yes", 0),
    command("again", "deploy", 0),
    command("seen", "status", 0),
    command("backup", "backup", 0),
    command("verify 1", "backup verify", 0),
    command("verify 2", "backup verify --level 2", 0),
    command("verify 3", "backup verify --level 3", 0),
    command("into", "restore --into {db}_copy", 0),
    command("swap", "restore --yes", 0),
    command("undo", "restore --undo --yes", 0),
    command("in place", "restore --in-place --yes", 0),
    command("to backup", "rollback --to-backup latest --yes", 0),
    command("reset", "reset --yes", 0),
];

impl Command {
    /// The words of its command line.
    pub(super) fn words(&self, url: &str, db: &str) -> Vec<String> {
        let word = |word: &str| word.replace('|', " ").replace("{url}", url).replace("{db}", db);
        self.arguments.split(' ').map(word).collect()
    }

    /// What is wrong with how it ended: done, pending, in trouble or different are answers, and so is a refusal that says
    /// why and how to go on.
    pub(super) fn complaints(&self, code: i32, shown: &str) -> Vec<String> {
        let explains = shown.contains("error: ") && shown.contains("next: ");
        // A policy on the record stops a run with 1 where it reads no label.
        let is_policy = shown.contains("error: ") && shown.contains("row-level security");
        match code {
            0 | 4 | 5 | 6 => vec![],
            2 | 3 if explains => vec![],
            1 if is_policy => vec![],
            _ => vec![shown.to_owned()],
        }
    }
}
