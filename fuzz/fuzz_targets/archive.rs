//! Any bytes as a backup: every reader ends, with an answer or an error, in the memory that the bytes deserve.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pgkeel::engine::archive::{
    Archive, Compression, read_blob_data, read_blob_list, read_custom, read_table_data, script,
};

fuzz_target!(|data: &[u8]| {
    if let Ok(archive) = Archive::read_toc(&mut &*data) {
        let _roles = archive.roles();
    }
    if let Ok(contents) = read_custom(&mut &*data, &mut |_, _| {}) {
        assert_eq!(contents.size, data.len() as u64, "all of it was read");
    }
    let _list = read_blob_list(&mut &*data);
    for compression in [Compression::None, Compression::Gzip, Compression::Lz4, Compression::Zstd] {
        let _content = read_table_data(&mut &*data, compression);
        let _size = read_blob_data(&mut &*data, compression);
        let _script = script::read(&mut &*data, compression);
    }
});
