//! Profile files, from which traces are generated.

use super::typing::typed;
use super::{Diagnostic, Document, Problem};
use crate::trace::ProfileFile;
use std::path::Path;

/// Reads and checks a profile file.
pub fn read_profile(path: &Path) -> Result<ProfileFile, Diagnostic> {
    let document = Document::read(path)?;
    let file: ProfileFile = typed(&document.tree).map_err(|problem| document.diagnose(vec![problem]))?;
    file.check().map_err(|error| document.diagnose(vec![Problem::at(error.field, error.message)]))?;
    Ok(file)
}
