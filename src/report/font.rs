//! The embedded font: how wide a text will be, and the style-sheet rule that carries the font into a page.

use ab_glyph::{Font, FontRef};
use std::sync::LazyLock;

const REGULAR: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.ttf");
const SEMI_BOLD: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.ttf");
const REGULAR_WEB: &[u8] = include_bytes!("../../assets/fonts/Inter-Regular.woff2");
const SEMI_BOLD_WEB: &[u8] = include_bytes!("../../assets/fonts/Inter-SemiBold.woff2");

/// The family that charts and pages ask for, with what a viewer without it may use.
pub const FAMILY: &str = "Inter, 'Helvetica Neue', Arial, sans-serif";

static FACES: LazyLock<[FontRef<'static>; 2]> = LazyLock::new(|| {
    [REGULAR, SEMI_BOLD].map(|bytes| FontRef::try_from_slice(bytes).expect("the embedded font is valid"))
});

/// The width of a text in the unit of `size`, without kerning.
///
/// Characters that the font lacks count as one em, the width of the widest fallback glyphs.
pub fn width(text: &str, size: f64, bold: bool) -> f64 {
    let face = &FACES[usize::from(bold)];
    let unit = f64::from(face.units_per_em().unwrap_or(1000.0));
    let advance = |character: char| {
        let glyph = face.glyph_id(character);
        if glyph.0 == 0 { 1.0 } else { f64::from(face.h_advance_unscaled(glyph)) / unit }
    };
    text.chars().map(advance).sum::<f64>() * size
}

/// The text if it fits, else its beginning and an ellipsis.
pub fn shortened(text: &str, size: f64, bold: bool, room: f64) -> String {
    if width(text, size, bold) <= room {
        return text.to_string();
    }
    let mut kept: Vec<char> = text.chars().collect();
    while kept.pop().is_some() {
        let candidate = format!("{}…", kept.iter().collect::<String>().trim_end());
        if width(&candidate, size, bold) <= room {
            return candidate;
        }
    }
    String::new()
}

/// The text in lines no wider than `room`, at most `lines` of them; the last one is shortened if it must be.
pub fn wrapped(text: &str, size: f64, bold: bool, room: f64, lines: usize) -> Vec<String> {
    let mut done: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let candidate = if line.is_empty() { word.to_string() } else { format!("{line} {word}") };
        if line.is_empty() || done.len() + 1 == lines || width(&candidate, size, bold) <= room {
            line = candidate;
        } else {
            done.push(std::mem::replace(&mut line, word.to_string()));
        }
    }
    done.push(line);
    done.iter().map(|line| shortened(line, size, bold, room)).collect()
}

/// The font files, for drawing without a browser.
#[cfg(feature = "png")]
pub fn files() -> [&'static [u8]; 2] {
    [REGULAR, SEMI_BOLD]
}

/// The `@font-face` rules with the font inside them.
pub fn face_rules() -> String {
    let rule = |weight: &str, bytes: &[u8]| {
        format!(
            "@font-face{{font-family:Inter;font-weight:{weight};font-display:block;\
             src:url(data:font/woff2;base64,{}) format('woff2')}}",
            base64(bytes)
        )
    };
    rule("400", REGULAR_WEB) + &rule("600 700", SEMI_BOLD_WEB)
}

/// Base64 with padding (RFC 4648).
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let digit = (bits >> (18 - 6 * place)) & 63;
            text.push(if place <= group.len() { char::from(ALPHABET[digit as usize]) } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_agrees_with_the_rfc() {
        let pairs = [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")];
        for (plain, encoded) in pairs {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
    }

    #[test]
    fn figures_are_tabular_and_signs_are_there() {
        assert_eq!(width("1111", 10.0, false), width("8888", 10.0, false));
        for sign in "±≤≥−…×·€%$–✓✗→".chars() {
            assert_ne!(FACES[0].glyph_id(sign).0, 0, "{sign}");
        }
    }

    #[test]
    fn long_texts_are_shortened_to_the_room() {
        let text = "a very long name of a mix that nobody can read";
        let short = shortened(text, 12.0, false, 100.0);
        assert!(short.ends_with('…') && width(&short, 12.0, false) <= 100.0, "{short}");
        assert_eq!(shortened("short", 12.0, false, 100.0), "short");
        assert_eq!(shortened("none", 12.0, false, 1.0), "");
        let lines = wrapped(text, 12.0, false, 120.0, 2);
        assert_eq!(lines.len(), 2);
        assert!(lines.iter().all(|line| width(line, 12.0, false) <= 120.0), "{lines:?}");
    }
}
