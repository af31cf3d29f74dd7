//! How a backup is compressed. Which codecs pg_dump has is an option of its build: it is asked, never guessed from its
//! version.

use std::fmt;

use crate::engine::archive::Compression;
use crate::pg::interrupt::Interrupt;
use crate::pg::tools::Program;
use crate::pg::tools::client::{Client, ClientError};

/// A codec, and how hard it tries.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Codec {
    /// The codec.
    pub method: Compression,
    /// Its level; pg_dump's own default without.
    pub level: Option<u32>,
}

/// A setting that names no codec.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no compression: it is `auto`, `none`, `gzip:1` to `gzip:9`, `zstd:3` or `lz4`")]
pub struct NotACodec(pub String);

/// What is used where the user has no wish: zstd at level 3 costs less than gzip at level 1, and is a quarter smaller.
const WISHES: [Codec; 3] = [
    Codec { method: Compression::Zstd, level: Some(3) },
    Codec { method: Compression::Gzip, level: Some(1) },
    Codec { method: Compression::None, level: None },
];

impl Codec {
    /// Nothing is compressed.
    pub const NONE: Self = Self { method: Compression::None, level: None };

    /// Read a setting; `None` is `auto`.
    ///
    /// # Errors
    /// `NotACodec`.
    pub fn parse(text: &str) -> Result<Option<Self>, NotACodec> {
        let not = || NotACodec(text.to_owned());
        let (name, level) = match text.split_once(':') {
            Some((name, level)) => (name, Some(level.parse::<u32>().map_err(|_| not())?)),
            None => (text, None),
        };
        let method = match name {
            "auto" if level.is_none() => return Ok(None),
            "none" if level.is_none() => Compression::None,
            "gzip" if level.is_none_or(|level| (1..=9).contains(&level)) => Compression::Gzip,
            "zstd" if level.is_none_or(|level| (1..=22).contains(&level)) => Compression::Zstd,
            "lz4" if level.is_none_or(|level| level <= 12) => Compression::Lz4,
            _ => return Err(not()),
        };
        Ok(Some(Self { method, level }))
    }

    /// As the argument of this pg_dump: from 16 on `-Zzstd:3` (pg_dump docs, `--compress`), before a number for gzip.
    pub(super) fn argument(self, major: u32) -> Option<String> {
        match (major, self.method) {
            (16.., _) => Some(format!("-Z{self}")),
            (_, Compression::None) => Some("-Z0".into()),
            (_, Compression::Gzip) => Some(format!("-Z{}", self.level.unwrap_or(6))),
            (_, Compression::Lz4 | Compression::Zstd) => None,
        }
    }

    /// The best that this pg_dump has.
    ///
    /// # Errors
    /// Ctrl-C, or a program that cannot be started.
    pub(super) fn best(pg_dump: &Program, interrupt: &Interrupt) -> Result<Self, ClientError> {
        for wish in WISHES {
            if wish.is_in(pg_dump, interrupt)? {
                return Ok(wish);
            }
        }
        Ok(Self::NONE)
    }

    /// Whether this pg_dump can do it. It looks at the codec before it connects: sent to a server that cannot be there,
    /// one that comes so far as to say so has the codec. That is the text of a program in the C locale; nothing else of
    /// it tells.
    ///
    /// # Errors
    /// Ctrl-C, or a program that cannot be started.
    pub(super) fn is_in(self, pg_dump: &Program, interrupt: &Interrupt) -> Result<bool, ClientError> {
        let Some(argument) = self.argument(pg_dump.version.major) else { return Ok(false) };
        if pg_dump.version.major < 16 {
            return Ok(true);
        }
        let nowhere = "host=/nonexistent/pgkeel port=1 user=nobody dbname=nothing";
        let arguments = ["-Fc", "-f", "/dev/null", &argument, "--no-password", "-d", nowhere];
        let probe = Client {
            program: pg_dump,
            url: None,
            arguments: arguments.iter().map(Into::into).collect(),
            options: None,
            application_name: "pgkeel",
            interrupt,
        };
        match probe.run() {
            Ok(()) => Ok(true),
            Err(ClientError::Failed { said, .. }) => {
                Ok(said.iter().any(|line| line.contains("connection to server")))
            }
            Err(error) => Err(error),
        }
    }
}

impl fmt::Display for Codec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.method {
            Compression::None => "none",
            Compression::Gzip => "gzip",
            Compression::Lz4 => "lz4",
            Compression::Zstd => "zstd",
        };
        match self.level {
            Some(level) => write!(f, "{name}:{level}"),
            None => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_is_read_and_told_to_each_pg_dump_in_its_way() {
        let check = |text: &str, before: Option<&str>, since: Option<&str>| {
            let codec = Codec::parse(text).unwrap().unwrap();
            assert_eq!(codec.to_string(), text);
            assert_eq!(
                (codec.argument(15).as_deref(), codec.argument(16).as_deref()),
                (before, since),
                "{text}"
            );
        };
        check("none", Some("-Z0"), Some("-Znone"));
        check("gzip", Some("-Z6"), Some("-Zgzip"));
        check("gzip:1", Some("-Z1"), Some("-Zgzip:1"));
        check("zstd:3", None, Some("-Zzstd:3"));
        check("lz4", None, Some("-Zlz4"));
        assert_eq!(Codec::parse("auto"), Ok(None));
        for bad in ["", "brotli", "gzip:0", "gzip:99", "zstd:x", "none:1", "auto:1"] {
            assert_eq!(Codec::parse(bad), Err(NotACodec(bad.into())));
        }
    }
}
