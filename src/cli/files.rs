//! Files at the edge: documents in and out. Nothing is ever left half-written.

use std::fs;
use std::io::Write;
use std::path::Path;

use miette::{IntoDiagnostic, WrapErr, miette};
use sandtable_model::Document;

/// Reads a document, naming the file in every complaint.
pub(crate) fn read_document<D: Document>(path: &Path) -> miette::Result<D> {
    let bytes = fs::read(path)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read `{}`", path.display()))?;
    D::from_file(bytes).map_err(|error| miette!("`{}`: {error}", path.display()))
}

/// Reads a text file, naming it in every complaint.
pub(crate) fn read_text(path: &Path) -> miette::Result<String> {
    fs::read_to_string(path)
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot read `{}`", path.display()))
}

/// Writes a document as indented JSON, packed when the name ends with `.zst`.
pub(crate) fn write_document<D: Document>(path: &Path, document: &D) -> miette::Result<()> {
    write_bytes(path, &document.to_file(path).into_diagnostic()?)
}

/// Writes a file at once: to a temporary file beside it, then renamed over it.
pub(crate) fn write_bytes(path: &Path, bytes: &[u8]) -> miette::Result<()> {
    let folder = path
        .parent()
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let write = || -> std::io::Result<()> {
        let mut file = temporary().tempfile_in(folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        Ok(())
    };
    write()
        .into_diagnostic()
        .wrap_err_with(|| format!("cannot write `{}`", path.display()))
}

/// A temporary file with the rights of an ordinary new one, as the umask has them.
fn temporary() -> tempfile::Builder<'static, 'static> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    builder
}
