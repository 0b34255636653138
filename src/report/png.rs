//! Drawings as PNG, with the embedded font: nothing of the system is used.

use super::font;
use resvg::tiny_skia::{Pixmap, Transform};
use resvg::usvg::fontdb::{FaceInfo, Language};
use resvg::usvg::{Options, Tree};
use std::sync::Arc;

/// Pixels for each unit of the drawing's view box: a picture of 1040 pixels of the page comes to 2496, which is 300 dots an inch
/// at the width of a text on A4.
const SCALE: f32 = 0.6;

/// The drawing as PNG.
///
/// # Errors
/// If it is no drawing, or has no size.
pub fn png(svg: &str) -> Result<Vec<u8>, String> {
    let mut options = Options { font_family: "Inter".into(), ..Options::default() };
    let fonts = Arc::make_mut(&mut options.fontdb);
    font::files().into_iter().for_each(|file| fonts.load_font_data(file.to_vec()));
    // The faces call themselves by two names; drawings ask for one of two weights.
    let faces: Vec<FaceInfo> = fonts.faces().cloned().collect();
    for mut face in faces {
        fonts.remove_face(face.id);
        face.families = vec![("Inter".to_string(), Language::English_UnitedStates)];
        fonts.push_face_info(face);
    }
    let tree = Tree::from_str(svg, &options).map_err(|error| error.to_string())?;
    let (width, height) = (tree.size().width() * SCALE, tree.size().height() * SCALE);
    let mut sheet = Pixmap::new(width.ceil() as u32, height.ceil() as u32).ok_or("it has no size")?;
    resvg::render(&tree, Transform::from_scale(SCALE, SCALE), &mut sheet.as_mut());
    sheet.encode_png().map_err(|error| error.to_string())
}
