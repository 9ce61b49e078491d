//! Finding scenario files.

use std::path::{Path, PathBuf};

use crate::source::{SourceError, read_error};

/// The scenario files among `paths` and below those that are folders, in a stable order: as given,
/// and by name within a folder. A file given by name is taken whatever its ending; hidden files and
/// folders are passed over.
pub fn discover(paths: &[impl AsRef<Path>]) -> Result<Vec<PathBuf>, SourceError> {
    let mut files = Vec::new();
    for path in paths {
        let path = path.as_ref();
        if path.is_dir() {
            walk(path, &mut files)?;
        } else if path.exists() {
            files.push(path.to_owned());
        } else {
            return Err(read_error(path, std::io::ErrorKind::NotFound.into()));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    files.retain(|file| seen.insert(file.clone()));
    Ok(files)
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), SourceError> {
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(|error| read_error(folder, error))? {
        paths.push(entry.map_err(|error| read_error(folder, error))?.path());
    }
    paths.sort();
    for path in paths {
        let name = path.file_name().and_then(|it| it.to_str()).unwrap_or("");
        if name.starts_with('.') {
            continue;
        }
        if path.is_dir() {
            walk(&path, files)?;
        } else if name.ends_with(".yaml") || name.ends_with(".yml") {
            files.push(path);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_is_stable_and_nothing_is_taken_twice() {
        let folder = tempfile::tempdir().unwrap();
        for name in [
            "b/2.yaml",
            "b/1.yml",
            "a.yaml",
            ".hidden/x.yaml",
            "note.txt",
        ] {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        let found = discover(&[folder.path().join("b/2.yaml"), folder.path().to_owned()]).unwrap();
        let names = found
            .iter()
            .map(|it| it.strip_prefix(folder.path()).unwrap().to_owned());
        let names: Vec<String> = names.map(|it| it.display().to_string()).collect();
        assert_eq!(names, ["b/2.yaml", "a.yaml", "b/1.yml"]);
        assert!(discover(&[folder.path().join("none")]).is_err());
    }
}
