//! From text to pairs of keyword and value, by libpq's rules (PostgreSQL's manual, 34.1.1 "Connection Strings";
//! `conninfo_uri_parse_options` and `conninfo_parse` in fe-connect.c), stricter in one point: an `@` after the
//! credentials is refused, because it nearly always is a piece of a password that would then be shown as a host.

use percent_encoding::percent_decode_str;

use super::UrlError;

/// Keyword and value as written, in order; a later pair replaces an earlier one.
pub(super) type Pairs = Vec<(String, String)>;

/// The pairs in a URI, its scheme already taken off.
pub(super) fn uri(rest: &str) -> Result<Pairs, UrlError> {
    let mut pairs = Pairs::new();
    let mut keep = |keyword: &str, raw: &str, part: &str| -> Result<(), UrlError> {
        if !raw.is_empty() {
            pairs.push((keyword.to_owned(), decode(raw, part)?));
        }
        Ok(())
    };

    // Credentials end at the first `@`, and only if no `/` comes before it. A `?` does not end the search.
    let credentials = rest.find(['@', '/']).filter(|at| rest[*at..].starts_with('@'));
    let place = match credentials {
        Some(at) => {
            let (user, password) = rest[..at].split_once(':').unwrap_or((&rest[..at], ""));
            keep("user", user, "user name")?;
            keep("password", password, "password")?;
            &rest[at + 1..]
        }
        None => rest,
    };
    let (place, query) = place.split_once('?').map_or((place, None), |(place, query)| (place, Some(query)));
    if place.contains('@') {
        return Err(UrlError::UnescapedAt);
    }
    let (hosts, ports, database) = authority(place)?;
    keep("host", &hosts, "host")?;
    keep("port", &ports, "port")?;
    keep("dbname", database, "database name")?;
    for (index, parameter) in query.unwrap_or_default().split_terminator('&').enumerate() {
        let malformed = UrlError::Query { number: index + 1 };
        let (name, value) = parameter.split_once('=').ok_or_else(|| malformed.clone())?;
        if value.contains('=') {
            return Err(malformed);
        }
        let (name, value) = (decode(name, "parameter list")?, decode(value, "parameter list")?);
        // As libpq does for JDBC's sake.
        let jdbc = (name.as_str(), value.as_str()) == ("ssl", "true");
        pairs.push(if jdbc { ("sslmode".to_owned(), "require".to_owned()) } else { (name, value) });
    }
    Ok(pairs)
}

/// `host[:port][,…]/database`, into a list of hosts, a list of ports and the database.
fn authority(place: &str) -> Result<(String, String, &str), UrlError> {
    let (mut hosts, mut ports) = (String::new(), String::new());
    let mut rest = place;
    loop {
        let (host, after) = match rest.strip_prefix('[') {
            Some(bracketed) => {
                let (host, after) = bracketed.split_once(']').ok_or(UrlError::Ipv6)?;
                if host.is_empty() || !(after.is_empty() || after.starts_with([':', '/', ','])) {
                    return Err(UrlError::Ipv6);
                }
                (host, after)
            }
            None => rest.split_at(rest.find([':', '/', ',']).unwrap_or(rest.len())),
        };
        hosts.push_str(host);
        let after = match after.strip_prefix(':') {
            Some(port) => {
                let (port, after) = port.split_at(port.find(['/', ',']).unwrap_or(port.len()));
                ports.push_str(port);
                after
            }
            None => after,
        };
        match after.strip_prefix(',') {
            Some(next) => rest = next,
            None => return Ok((hosts, ports, after.strip_prefix('/').unwrap_or(after))),
        }
        hosts.push(',');
        ports.push(',');
    }
}

fn decode(raw: &str, part: &str) -> Result<String, UrlError> {
    let bytes = raw.as_bytes();
    let escaped =
        |at: usize| bytes.get(at + 1..at + 3).is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    if bytes.iter().enumerate().any(|(at, byte)| *byte == b'%' && !escaped(at)) {
        return Err(UrlError::Percent { part: part.to_owned() });
    }
    match percent_decode_str(raw).decode_utf8() {
        Ok(text) if !text.contains('\0') => Ok(text.into_owned()),
        _ => Err(UrlError::Undecodable { part: part.to_owned() }),
    }
}

/// The pairs in a `key=value` string. Its errors count characters and quote nothing.
pub(super) fn key_values(text: &str) -> Result<Pairs, UrlError> {
    let mut pairs = Pairs::new();
    let mut chars = text.chars().enumerate().peekable();
    let blank = |c: &(usize, char)| c.1.is_ascii_whitespace() || c.1 == '\x0b';
    loop {
        while chars.next_if(blank).is_some() {}
        let Some(&(start, _)) = chars.peek() else { return Ok(pairs) };
        let mut name = String::new();
        while let Some((_, c)) = chars.next_if(|c| c.1 != '=' && !blank(c)) {
            name.push(c);
        }
        while chars.next_if(blank).is_some() {}
        if chars.next_if(|c| c.1 == '=').is_none() {
            return Err(UrlError::Pairs { problem: "a word without `=`", position: start + 1 });
        }
        while chars.next_if(blank).is_some() {}
        let quote = chars.next_if(|c| c.1 == '\'');
        let mut value = String::new();
        loop {
            match chars.next() {
                None if quote.is_none() => break,
                None => {
                    let position = quote.map_or(0, |(at, _)| at + 1);
                    return Err(UrlError::Pairs { problem: "a quotation that does not end", position });
                }
                Some((_, '\\')) => value.extend(chars.next().map(|(_, c)| c)),
                Some((_, '\'')) if quote.is_some() => break,
                Some(c) if quote.is_none() && blank(&c) => break,
                Some((_, c)) => value.push(c),
            }
        }
        pairs.push((name, value));
    }
}

/// A value as it stands in a `key=value` string: always quoted, so that nothing in it can be read as a keyword.
pub(super) fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\\', r"\\").replace('\'', r"\'"))
}
