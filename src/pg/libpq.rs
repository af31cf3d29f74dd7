//! The one file of unsafe code: a thin safe skin over libpq, the library that Diesel links too.
//! It owns connection and result pointers and nothing else; waiting, timeouts and meaning live in
//! `session.rs`. Reference: PostgreSQL docs, chapter 34 "libpq — C Library".
#![expect(unsafe_code, reason = "libpq is a C library; Diesel hides SQLSTATE, position, notices and cancel")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::os::fd::{BorrowedFd, RawFd};
use std::ptr::NonNull;
use std::sync::{Arc, Mutex};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use nix::unistd::{SysconfVar, sysconf};
use pq_sys as pq;

/// The fields of an error or notice (docs 53.8 "Error and Notice Message Fields").
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields {
    /// `ERROR`, `WARNING`, …, never translated.
    pub severity: String,
    /// The five characters that all branching relies on.
    pub sqlstate: String,
    /// The primary message, in the server's language.
    pub message: String,
    /// DETAIL.
    pub detail: Option<String>,
    /// HINT.
    pub hint: Option<String>,
    /// Position in the message that was sent, in characters from 1.
    pub position: Option<usize>,
    /// Position inside `internal_query`, in characters from 1.
    pub internal_position: Option<usize>,
    /// The query that a function or `DO` block ran.
    pub internal_query: Option<String>,
    /// The call stack of functions.
    pub context: Option<String>,
    /// Schema of the object concerned.
    pub schema: Option<String>,
    /// Table concerned.
    pub table: Option<String>,
    /// Column concerned.
    pub column: Option<String>,
    /// Constraint concerned.
    pub constraint: Option<String>,
    /// The server's own function that raised it: the same in every language.
    pub routine: Option<String>,
}

/// The keywords that this libpq knows (docs 34.1 "PQconndefaults").
pub(super) fn keywords() -> Vec<String> {
    let mut names = Vec::new();
    // SAFETY: libpq allocates an array that ends with a NULL keyword; it is freed once, below, and not used afterwards.
    unsafe {
        let all = pq::PQconndefaults();
        let mut at = all;
        while !at.is_null() && !(*at).keyword.is_null() {
            names.extend(owned((*at).keyword));
            at = at.add(1);
        }
        pq::PQconninfoFree(all);
    }
    names
}

/// What the connection attempt wants next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Polling {
    Read,
    Write,
    Done,
    Failed,
}

/// PQtransactionStatus.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TransactionStatus {
    /// Outside any transaction.
    Idle,
    /// A command is running.
    Active,
    /// Inside a transaction block.
    InTransaction,
    /// Inside a failed transaction block.
    Failed,
    /// The connection is lost.
    Unknown,
}

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Name as sent by the server.
    pub name: String,
    /// Oid of its type.
    pub type_oid: u32,
}

/// What one PGresult says.
#[derive(Debug)]
pub(super) enum Reply {
    /// Rows begin or go on; `last` carries the command tag of a finished query.
    Rows {
        columns: Vec<Column>,
        rows: Vec<Vec<Option<String>>>,
        tag: Option<String>,
    },
    Command(String),
    CopyIn,
    CopyOut,
    Empty,
    Error(Box<Fields>),
}

type Notices = Mutex<Kept>;

/// Notices since the last look.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// The first of them.
    pub(super) notices: Vec<Fields>,
    /// How many came after those.
    pub(super) more: usize,
}

/// More notices than this between two looks are not kept: memory stays bounded.
const NOTICES_KEPT: usize = 1_000;

/// A query of this size is not copied more often than it must be, in bytes.
const LARGE: usize = 16 << 20;

/// While this lives, the process gets no more memory than so much.
struct Denied {
    soft: u64,
    hard: u64,
}

impl Denied {
    /// Where the system does not say how much it has, or the limit is lower already, nothing is denied.
    fn beyond(more: usize) -> Option<Self> {
        let now = std::fs::read_to_string("/proc/self/statm").ok()?;
        let pages: u64 = now.split(' ').next()?.parse().ok()?;
        let page = u64::try_from(sysconf(SysconfVar::PAGE_SIZE).ok()??).ok()?;
        let (soft, hard) = getrlimit(Resource::RLIMIT_AS).ok()?;
        let wanted = pages * page + more as u64;
        if wanted >= soft {
            return None;
        }
        setrlimit(Resource::RLIMIT_AS, wanted, hard).ok()?;
        Some(Self { soft, hard })
    }
}

impl Drop for Denied {
    fn drop(&mut self) {
        // It was the limit before, which may always be set again.
        setrlimit(Resource::RLIMIT_AS, self.soft, self.hard).ok();
    }
}

/// A libpq connection.
pub(super) struct Conn {
    ptr: NonNull<pq::PGconn>,
    /// The size of libpq's output buffer, which doubles as it grows.
    buffer: usize,
    notices: Arc<Notices>,
}

// SAFETY: libpq allows a connection to be used by any one thread at a time (docs 34.21), which
// `&mut self` guarantees; the notice receiver runs inside our own calls.
unsafe impl Send for Conn {}

fn c(text: &str) -> Result<CString, String> {
    CString::new(text)
        .map_err(|_| "a zero byte is not possible in SQL or in connection parameters".to_owned())
}

/// SAFETY: `text` is null or a C string that outlives the call.
unsafe fn owned(text: *const c_char) -> Option<String> {
    if text.is_null() {
        None
    } else {
        // SAFETY: by contract of this function.
        Some(unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned())
    }
}

/// SAFETY: `res` is a valid result.
unsafe fn fields(res: *const pq::PGresult) -> Fields {
    // The codes are the protocol's field letters (postgres_ext.h).
    // SAFETY: PQresultErrorField returns null or a C string owned by the result.
    let get = |code: u8| unsafe { owned(pq::PQresultErrorField(res, c_int::from(code))) };
    let number = |code: u8| get(code).and_then(|text| text.parse().ok());
    // SAFETY: as above.
    let whole = || unsafe { owned(pq::PQresultErrorMessage(res)) }.unwrap_or_default().trim().to_owned();
    Fields {
        severity: get(b'V').or_else(|| get(b'S')).unwrap_or_default(),
        sqlstate: get(b'C').unwrap_or_default(),
        message: get(b'M').unwrap_or_else(whole),
        detail: get(b'D'),
        hint: get(b'H'),
        position: number(b'P'),
        internal_position: number(b'p'),
        internal_query: get(b'q'),
        context: get(b'W'),
        schema: get(b's'),
        table: get(b't'),
        column: get(b'c'),
        constraint: get(b'n'),
        routine: get(b'R'),
    }
}

/// SAFETY: libpq calls this with the `Notices` that `start` registered, which lives as long as the
/// connection, and with a valid result.
unsafe extern "C" fn on_notice(sink: *mut c_void, res: *const pq::PGresult) {
    // SAFETY: by contract of this function.
    let (sink, notice) = unsafe { (&*sink.cast::<Notices>(), fields(res)) };
    if let Ok(mut kept) = sink.lock() {
        if kept.notices.len() < NOTICES_KEPT {
            kept.notices.push(notice);
        } else {
            kept.more += 1;
        }
    }
}

/// The defaults of a connection: from the environment and the service that it names.
pub(super) fn default_of(keyword: &str) -> Option<String> {
    // SAFETY: the list ends with an entry without a keyword, and is freed below.
    unsafe {
        let all = pq::PQconndefaults();
        let mut at = all;
        let mut found = None;
        while !at.is_null() && !(*at).keyword.is_null() {
            if owned((*at).keyword).as_deref() == Some(keyword) {
                found = owned((*at).val);
            }
            at = at.add(1);
        }
        pq::PQconninfoFree(all);
        found
    }
}

impl Conn {
    /// Begin to connect without waiting. Errors carry SQLSTATEs (verbose), because nothing else
    /// tells a wrong password from a missing database in every language.
    pub(super) fn start(params: &[(String, String)]) -> Result<Self, String> {
        let pairs = params.iter().map(|(k, v)| Ok((c(k)?, c(v)?))).collect::<Result<Vec<_>, String>>()?;
        let mut keywords: Vec<_> = pairs.iter().map(|(k, _)| k.as_ptr()).collect();
        let mut values: Vec<_> = pairs.iter().map(|(_, v)| v.as_ptr()).collect();
        keywords.push(std::ptr::null());
        values.push(std::ptr::null());
        // SAFETY: both arrays are null-terminated and outlive the call. expand_dbname is 0: a
        // database name that holds `=` must stay a name.
        let ptr = unsafe { pq::PQconnectStartParams(keywords.as_ptr(), values.as_ptr(), 0) };
        let ptr = NonNull::new(ptr).ok_or_else(|| "libpq has no memory for a connection".to_owned())?;
        let conn = Self { ptr, buffer: 16 << 10, notices: Arc::default() };
        let sink = Arc::as_ptr(&conn.notices);
        // SAFETY: the shared list outlives the connection, which Drop finishes first.
        unsafe {
            pq::PQsetNoticeReceiver(conn.raw(), Some(on_notice), sink.cast_mut().cast());
            pq::PQsetErrorVerbosity(conn.raw(), pq::PGVerbosity::PQERRORS_VERBOSE);
        }
        Ok(conn)
    }

    fn raw(&self) -> *mut pq::PGconn {
        self.ptr.as_ptr()
    }

    pub(super) fn is_bad(&self) -> bool {
        // SAFETY: the connection is valid.
        unsafe { pq::PQstatus(self.raw()) == pq::ConnStatusType::CONNECTION_BAD }
    }

    pub(super) fn poll_connect(&mut self) -> Polling {
        // SAFETY: the connection is valid.
        match unsafe { pq::PQconnectPoll(self.raw()) } {
            pq::PostgresPollingStatusType::PGRES_POLLING_OK => Polling::Done,
            pq::PostgresPollingStatusType::PGRES_POLLING_READING => Polling::Read,
            pq::PostgresPollingStatusType::PGRES_POLLING_WRITING
            | pq::PostgresPollingStatusType::PGRES_POLLING_ACTIVE => Polling::Write,
            pq::PostgresPollingStatusType::PGRES_POLLING_FAILED => Polling::Failed,
        }
    }

    /// Once connected: never block inside libpq.
    pub(super) fn set_nonblocking(&mut self) {
        // SAFETY: the connection is valid.
        unsafe { pq::PQsetnonblocking(self.raw(), 1) };
    }

    /// The socket, while there is one.
    pub(super) fn socket(&self) -> Option<BorrowedFd<'_>> {
        // SAFETY: the connection is valid.
        let fd: RawFd = unsafe { pq::PQsocket(self.raw()) };
        // SAFETY: libpq keeps the descriptor open at least until the next call on the connection,
        // and the borrow of `self` forbids such a call.
        (fd >= 0).then(|| unsafe { BorrowedFd::borrow_raw(fd) })
    }

    pub(super) fn error_message(&self) -> String {
        // SAFETY: PQerrorMessage returns a C string owned by the connection.
        unsafe { owned(pq::PQerrorMessage(self.raw())) }.unwrap_or_default().trim().to_owned()
    }

    /// What a server stores of a password, by SCRAM-SHA-256.
    pub(super) fn verifier(&mut self, user: &str, password: &str) -> Result<String, String> {
        let (user, password) = (c(user)?, c(password)?);
        // SAFETY: the connection is valid, and the strings outlive the call.
        let text = unsafe {
            pq::PQencryptPasswordConn(self.raw(), password.as_ptr(), user.as_ptr(), c"scram-sha-256".as_ptr())
        };
        // SAFETY: the result is null or a C string.
        let verifier = unsafe { owned(text) }.ok_or_else(|| self.error_message())?;
        // SAFETY: libpq allocated it.
        unsafe { pq::PQfreemem(text.cast()) };
        Ok(verifier)
    }

    /// What the server reported of a setting when the connection began or since (libpq docs, PQparameterStatus).
    pub(super) fn parameter(&self, name: &std::ffi::CStr) -> Option<String> {
        // SAFETY: the connection is valid, and the result belongs to it until the next call.
        unsafe { owned(pq::PQparameterStatus(self.raw(), name.as_ptr())) }
    }

    pub(super) fn backend_pid(&self) -> i32 {
        // SAFETY: the connection is valid.
        unsafe { pq::PQbackendPID(self.raw()) }
    }

    pub(super) fn server_version(&self) -> i32 {
        // SAFETY: the connection is valid.
        unsafe { pq::PQserverVersion(self.raw()) }
    }

    pub(super) fn transaction_status(&self) -> TransactionStatus {
        // SAFETY: the connection is valid.
        match unsafe { pq::PQtransactionStatus(self.raw()) } {
            pq::PGTransactionStatusType::PQTRANS_IDLE => TransactionStatus::Idle,
            pq::PGTransactionStatusType::PQTRANS_ACTIVE => TransactionStatus::Active,
            pq::PGTransactionStatusType::PQTRANS_INTRANS => TransactionStatus::InTransaction,
            pq::PGTransactionStatusType::PQTRANS_INERROR => TransactionStatus::Failed,
            pq::PGTransactionStatusType::PQTRANS_UNKNOWN => TransactionStatus::Unknown,
        }
    }

    /// Queue a simple query; rows then come one by one, so that a large result needs no memory.
    pub(super) fn send(&mut self, sql: &str) -> Result<(), String> {
        let copied;
        let sql = match CStr::from_bytes_with_nul(sql.as_bytes()) {
            Ok(sql) => sql,
            Err(_) => {
                copied = c(sql)?;
                copied.as_c_str()
            }
        };
        let once = self.once(sql.count_bytes());
        // SAFETY: valid connection, C string that outlives the call (libpq copies it).
        let sent = unsafe { pq::PQsendQuery(self.raw(), sql.as_ptr()) } == 1;
        drop(once);
        if !sent {
            return Err(self.error_message());
        }
        // SAFETY: called right after PQsendQuery, as docs 34.6 demand.
        unsafe { pq::PQsetSingleRowMode(self.raw()) };
        Ok(())
    }

    /// libpq copies a query into its buffer, and then once more, to show a line of it in errors of low verbosity, which we
    /// do not ask for; without memory for the second copy it does without (PQsendQueryInternal). A large one is denied it.
    fn once(&mut self, length: usize) -> Option<Denied> {
        let mut buffer = self.buffer;
        while buffer < length + 16 {
            buffer *= 2;
        }
        let grows = buffer - std::mem::replace(&mut self.buffer, buffer);
        (length >= LARGE).then(|| Denied::beyond(grows + length / 2)).flatten()
    }

    /// Push queued bytes out. `true`: all gone.
    pub(super) fn flush(&mut self) -> Result<bool, String> {
        // SAFETY: the connection is valid.
        match unsafe { pq::PQflush(self.raw()) } {
            0 => Ok(true),
            1 => Ok(false),
            _ => Err(self.error_message()),
        }
    }

    pub(super) fn consume(&mut self) -> Result<(), String> {
        // SAFETY: the connection is valid.
        if unsafe { pq::PQconsumeInput(self.raw()) } == 1 { Ok(()) } else { Err(self.error_message()) }
    }

    pub(super) fn is_busy(&self) -> bool {
        // SAFETY: the connection is valid.
        unsafe { pq::PQisBusy(self.raw()) == 1 }
    }

    /// The next result; `None` when the command is over. Call only when `is_busy` is false.
    pub(super) fn next_reply(&mut self) -> Option<Reply> {
        // SAFETY: the connection is valid; the result is freed below.
        let res = NonNull::new(unsafe { pq::PQgetResult(self.raw()) })?;
        // SAFETY: `res` is a valid result that nobody else holds.
        let reply = unsafe { read_result(res.as_ptr()) };
        // SAFETY: as above; everything was copied out.
        unsafe { pq::PQclear(res.as_ptr()) };
        Some(reply)
    }

    /// Refuse a COPY FROM STDIN.
    pub(super) fn refuse_copy_in(&mut self, why: &str) {
        if let Ok(why) = c(why) {
            // SAFETY: valid connection in COPY IN state; the C string outlives the call.
            unsafe { pq::PQputCopyEnd(self.raw(), why.as_ptr()) };
        }
    }

    /// The next row of COPY TO STDOUT; `Ok(None)`: wait for more input, `Err`: the stream is over.
    pub(super) fn copy_row(&mut self) -> Result<Option<Vec<u8>>, ()> {
        let mut buffer: *mut c_char = std::ptr::null_mut();
        // SAFETY: valid connection and out pointer; async mode never blocks.
        let length = unsafe { pq::PQgetCopyData(self.raw(), &raw mut buffer, 1) };
        match usize::try_from(length) {
            Ok(0) => Ok(None),
            Ok(length) => {
                // SAFETY: libpq returned a buffer of exactly this length, freed below.
                let row = unsafe { std::slice::from_raw_parts(buffer.cast::<u8>(), length) }.to_vec();
                // SAFETY: the buffer came from libpq.
                unsafe { pq::PQfreemem(buffer.cast()) };
                Ok(Some(row))
            }
            Err(_) => Err(()),
        }
    }

    /// Notices since the last look.
    pub(super) fn take_notices(&mut self) -> Kept {
        self.notices.lock().map(|mut kept| std::mem::take(&mut *kept)).unwrap_or_default()
    }
}

impl Drop for Conn {
    fn drop(&mut self) {
        // SAFETY: the pointer is valid and never used again.
        unsafe { pq::PQfinish(self.raw()) };
    }
}

/// SAFETY: `res` is a valid result.
unsafe fn read_result(res: *mut pq::PGresult) -> Reply {
    use pq::ExecStatusType as S;
    // SAFETY: the result is valid; all strings are owned by it and copied.
    unsafe {
        match pq::PQresultStatus(res) {
            S::PGRES_COMMAND_OK => Reply::Command(owned(pq::PQcmdStatus(res)).unwrap_or_default()),
            S::PGRES_SINGLE_TUPLE => Reply::Rows { columns: columns(res), rows: rows(res), tag: None },
            S::PGRES_TUPLES_OK => {
                Reply::Rows { columns: columns(res), rows: rows(res), tag: owned(pq::PQcmdStatus(res)) }
            }
            S::PGRES_COPY_IN => Reply::CopyIn,
            S::PGRES_COPY_OUT | S::PGRES_COPY_BOTH => Reply::CopyOut,
            S::PGRES_EMPTY_QUERY => Reply::Empty,
            _ => Reply::Error(Box::new(fields(res))),
        }
    }
}

/// SAFETY: `res` is a valid result.
unsafe fn columns(res: *const pq::PGresult) -> Vec<Column> {
    // SAFETY: indices stay below PQnfields.
    unsafe {
        (0..pq::PQnfields(res))
            .map(|i| Column {
                name: owned(pq::PQfname(res, i)).unwrap_or_default(),
                type_oid: pq::PQftype(res, i),
            })
            .collect()
    }
}

/// SAFETY: `res` is a valid result.
unsafe fn rows(res: *const pq::PGresult) -> Vec<Vec<Option<String>>> {
    // SAFETY: indices stay below PQntuples and PQnfields; PQgetlength bytes are readable.
    unsafe {
        let width = pq::PQnfields(res);
        (0..pq::PQntuples(res))
            .map(|row| {
                (0..width)
                    .map(|i| {
                        (pq::PQgetisnull(res, row, i) == 0).then(|| {
                            let length = usize::try_from(pq::PQgetlength(res, row, i)).unwrap_or(0);
                            let bytes =
                                std::slice::from_raw_parts(pq::PQgetvalue(res, row, i).cast::<u8>(), length);
                            String::from_utf8_lossy(bytes).into_owned()
                        })
                    })
                    .collect()
            })
            .collect()
    }
}
