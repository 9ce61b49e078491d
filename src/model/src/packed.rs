//! Large documents in files: JSON packed with zstd, under names that end with `.zst`.
//!
//! What a document is does not change: digests and signatures are over its canonical bytes, never
//! over a file. A million resources take about 50 MB packed instead of half a gigabyte.

use std::io::Read;
use std::path::Path;

use crate::DocumentError;

/// What a zstd frame begins with (RFC 8878, section 3.1.1).
const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
/// The default of the `zstd` command: fast, and within a seventh of what slow levels reach here.
const LEVEL: i32 = 3;
/// The most that a file may unpack to, in bytes, so that a small file cannot fill the memory. About
/// sixteen million resources.
const MAX_BYTES: u64 = 8 << 30;

/// Whether files of this name are packed.
pub fn is_packed_name(path: &Path) -> bool {
    path.extension().is_some_and(|it| it == "zst")
}

/// The packed form of a document's text.
///
/// # Errors
/// When the packer fails, which memory alone can make it do.
pub fn pack(text: &str) -> Result<Vec<u8>, DocumentError> {
    zstd::encode_all(text.as_bytes(), LEVEL).map_err(|source| DocumentError::Packed { source })
}

/// The text of a file, packed or not.
///
/// # Errors
/// When it is cut off or broken, larger than eight gigabytes, or no UTF-8.
pub fn unpack(bytes: Vec<u8>) -> Result<String, DocumentError> {
    let bytes = match bytes.starts_with(&MAGIC) {
        true => inflate(&bytes).map_err(|source| DocumentError::Packed { source })?,
        false => bytes,
    };
    String::from_utf8(bytes).map_err(|_| DocumentError::Encoding)
}

fn inflate(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut text = Vec::with_capacity(bytes.len().saturating_mul(8));
    let mut reader = zstd::Decoder::new(bytes)?.take(MAX_BYTES + 1);
    reader.read_to_end(&mut text)?;
    if text.len() as u64 > MAX_BYTES {
        return Err(std::io::Error::other("it unpacks to more than 8 GiB"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_survive_packing() {
        let text = "{\"é\": 1}\n".repeat(1000);
        let packed = pack(&text).unwrap();
        assert!(packed.len() < 100);
        assert_eq!(unpack(packed).unwrap(), text);
        assert_eq!(unpack(text.clone().into_bytes()).unwrap(), text);
    }

    #[test]
    fn broken_files_are_told_of() {
        let mut packed = pack(&"word ".repeat(100)).unwrap();
        packed.truncate(packed.len() - 5);
        assert!(matches!(unpack(packed), Err(DocumentError::Packed { .. })));
        let latin = vec![0xe9, b'!'];
        assert!(matches!(unpack(latin), Err(DocumentError::Encoding)));
    }
}
