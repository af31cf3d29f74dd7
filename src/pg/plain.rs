//! Opens and reads plain files. A FIFO, device or socket in the place of a file is refused, as reading it might never end.

use std::fs::{self, File, FileType, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::OFlag;

/// What a link is followed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Link {
    Followed,
    Refused,
}

/// Open a file, or the file that a link leads to.
///
/// # Errors
/// What the file system says; that it is not a plain file.
pub fn open(path: &Path) -> io::Result<File> {
    open_as(path, Link::Followed)
}

/// Open a file that must not be a link to one.
///
/// # Errors
/// What the file system says; that it is not a plain file.
pub fn open_itself(path: &Path) -> io::Result<File> {
    open_as(path, Link::Refused)
}

/// The bytes of a file.
///
/// # Errors
/// See `open`.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The text of a file.
///
/// # Errors
/// See `open`; that it is not UTF-8.
pub fn read_to_string(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    open(path)?.read_to_string(&mut text)?;
    Ok(text)
}

/// Open a file that was named on the command line, where the shell may pass a pipe: `<(command)`, `/dev/stdin`.
///
/// # Errors
/// See `open`.
pub fn open_given(path: &Path) -> io::Result<File> {
    let passed = ["/dev/fd", "/dev/stdin", "/proc/self/fd"];
    if passed.iter().any(|passed| path.starts_with(passed)) { File::open(path) } else { open(path) }
}

/// What a path names that is neither a plain file nor a folder.
pub fn kind(kind: FileType) -> &'static str {
    match kind {
        kind if kind.is_fifo() => "a FIFO",
        kind if kind.is_socket() => "a socket",
        kind if kind.is_char_device() || kind.is_block_device() => "a device",
        kind if kind.is_symlink() => "a symbolic link",
        kind if kind.is_dir() => "a folder",
        _ => "not a plain file",
    }
}

fn refused(found: FileType) -> io::Error {
    if found.is_dir() {
        return Errno::EISDIR.into();
    }
    io::Error::other(format!("it is {}, and only a plain file is read", kind(found)))
}

fn open_as(path: &Path, link: Link) -> io::Result<File> {
    let mut flags = OFlag::O_NONBLOCK;
    if link == Link::Refused {
        flags |= OFlag::O_NOFOLLOW;
    }
    let opened = OpenOptions::new().read(true).custom_flags(flags.bits()).open(path);
    let file = match opened {
        Ok(file) => file,
        Err(error) => {
            // A socket cannot be opened, and a link is said to be a loop.
            let about = if link == Link::Followed { fs::metadata(path) } else { fs::symlink_metadata(path) };
            return Err(match about.map(|about| about.file_type()) {
                Ok(found) if !found.is_file() && !found.is_dir() => refused(found),
                _ => error,
            });
        }
    };
    let found = file.metadata()?.file_type();
    if found.is_file() { Ok(file) } else { Err(refused(found)) }
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use nix::sys::stat::Mode;

    use super::*;

    #[test]
    fn only_a_plain_file_is_opened_and_nothing_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("file"), "text").unwrap();
        nix::unistd::mkfifo(&at("fifo"), Mode::S_IRWXU).unwrap();
        let _listener = UnixListener::bind(at("socket")).unwrap();
        std::os::unix::fs::symlink(at("file"), at("link")).unwrap();
        std::os::unix::fs::symlink(at("fifo"), at("link-to-fifo")).unwrap();
        std::os::unix::fs::symlink("/dev/zero", at("link-to-device")).unwrap();
        let check = |name: &str, followed: Result<&str, &str>, itself: Result<&str, &str>| {
            let text = |mut file: File| {
                let mut text = String::new();
                file.read_to_string(&mut text).unwrap();
                text
            };
            let said = |opened: io::Result<File>| opened.map(text).map_err(|error| error.to_string());
            let words = |expected: Result<&str, &str>| {
                expected
                    .map(str::to_owned)
                    .map_err(|what| format!("it is {what}, and only a plain file is read"))
            };
            assert_eq!(said(open(&at(name))), words(followed), "{name}");
            assert_eq!(said(open_itself(&at(name))), words(itself), "{name}");
        };
        check("file", Ok("text"), Ok("text"));
        check("fifo", Err("a FIFO"), Err("a FIFO"));
        check("socket", Err("a socket"), Err("a socket"));
        check("link", Ok("text"), Err("a symbolic link"));
        check("link-to-fifo", Err("a FIFO"), Err("a symbolic link"));
        check("link-to-device", Err("a device"), Err("a symbolic link"));
        let folder = open(dir.path()).unwrap_err();
        assert_eq!(folder.kind(), io::ErrorKind::IsADirectory);
        assert_eq!(open(&at("none")).unwrap_err().kind(), io::ErrorKind::NotFound);
    }
}
