//! Perceptual colour maps.
//!
//! Interpolation and construction are done in Oklab (Ottosson 2020,
//! <https://bottosson.github.io/posts/oklab/>), where equal distances look equally large. The sequential maps
//! interpolate 17 published colours of viridis (van der Walt and Smith 2015, CC0) and cividis (Nuñez,
//! Anderton and Renslow, PLOS ONE 13, e0199239, 2018).

/// A map from values to colours; all of them are suitable for the common colour vision deficiencies.
///
/// ```
/// use adatom_plot::ColourMap;
/// assert_eq!(ColourMap::Viridis.colour(0.0), [0x44, 0x01, 0x54]);
/// assert_eq!(ColourMap::Grey.colour(2.0), [255, 255, 255]); // beyond the ends: the colour of the end
/// assert_eq!(ColourMap::Cyclic.colour(0.0), ColourMap::Cyclic.colour(1.0));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum ColourMap {
    /// Sequential: dark violet over green to yellow.
    #[default]
    Viridis,
    /// Sequential: dark blue over grey to yellow.
    Cividis,
    /// Sequential: black to white, for images.
    Grey,
    /// Signed values: blue below, near white in the middle, red-brown above.
    Diverging,
    /// Angles: one turn through the hues, lightest at green and darkest at red.
    Cyclic,
}

/// Qualitative colours, for categories without an order (Okabe and Ito 2008,
/// <https://jfly.uni-koeln.de/color/>).
pub const QUALITATIVE: [[u8; 3]; 8] = [
    [0x00, 0x72, 0xB2],
    [0xE6, 0x9F, 0x00],
    [0x00, 0x9E, 0x73],
    [0xCC, 0x79, 0xA7],
    [0x56, 0xB4, 0xE9],
    [0xD5, 0x5E, 0x00],
    [0xF0, 0xE4, 0x42],
    [0x1A, 0x1A, 0x1A],
];

/// `over` blended over `under` with an opacity of `cover`.
pub fn mixed(under: [u8; 3], over: [u8; 3], cover: f64) -> [u8; 3] {
    [0, 1, 2].map(|i| (f64::from(under[i]) * (1.0 - cover) + f64::from(over[i]) * cover).round() as u8)
}

/// The colour of cells without a value.
pub const NO_VALUE: [u8; 3] = [0xE4, 0xE4, 0xE4];

impl ColourMap {
    /// All colour maps.
    pub const ALL: [Self; 5] = [Self::Viridis, Self::Cividis, Self::Grey, Self::Diverging, Self::Cyclic];

    /// The sRGB colour at `t`, from 0 (lowest) to 1 (highest); light grey for NaN.
    ///
    /// [`Cyclic`](Self::Cyclic) takes the fraction of the turn, the other maps clamp.
    pub fn colour(self, t: f64) -> [u8; 3] {
        if t.is_nan() {
            return NO_VALUE;
        }
        let clamped = t.clamp(0.0, 1.0);
        match self {
            Self::Viridis => along(&VIRIDIS, clamped),
            Self::Cividis => along(&CIVIDIS, clamped),
            Self::Grey => [(clamped * 255.0).round() as u8; 3],
            Self::Diverging => diverging(clamped),
            Self::Cyclic => cyclic(if t.is_finite() { t.rem_euclid(1.0) } else { 0.0 }),
        }
    }
}

const VIRIDIS: [u32; 17] = [
    0x440154, 0x48186A, 0x472D7B, 0x424086, 0x3B528B, 0x33638D, 0x2C728E, 0x26828E, 0x21918C, 0x1FA088,
    0x28AE80, 0x3FBC73, 0x5EC962, 0x84D44B, 0xADDC30, 0xD8E219, 0xFDE725,
];

const CIVIDIS: [u32; 17] = [
    0x00224E, 0x002E6A, 0x1A386F, 0x32436D, 0x434E6C, 0x535A6D, 0x61656F, 0x6F7073, 0x7D7C78, 0x8C8878,
    0x9B9476, 0xABA072, 0xBCAE6C, 0xCDBB63, 0xDEC958, 0xF0D846, 0xFEE838,
];

fn along(anchors: &[u32; 17], t: f64) -> [u8; 3] {
    let position = t * 16.0;
    let first = (position.floor() as usize).min(15);
    let lab = |index: usize| {
        let [_, red, green, blue] = anchors[index].to_be_bytes();
        oklab([red, green, blue])
    };
    let (from, to, part) = (lab(first), lab(first + 1), position - first as f64);
    srgb([0, 1, 2].map(|i| from[i] + part * (to[i] - from[i])))
}

/// Lightness falls linearly from the middle to both ends; chroma rises within sRGB.
fn diverging(t: f64) -> [u8; 3] {
    let signed = 2.0 * t - 1.0;
    let distance = signed.abs();
    let lightness = 0.965 - 0.575 * distance;
    let chroma = 0.125 * (1.0 - (1.0 - distance).powi(2)).powf(0.8);
    polar(lightness, chroma, if signed < 0.0 { 252.0 } else { 42.0 })
}

/// Hue makes one turn; lightness varies along red-green, the direction in which dichromats see no hue.
fn cyclic(turn: f64) -> [u8; 3] {
    let hue = 20.0 + 360.0 * turn;
    polar(0.66 - 0.14 * (hue - 345.0).to_radians().cos(), 0.112, hue)
}

fn polar(lightness: f64, chroma: f64, hue: f64) -> [u8; 3] {
    let hue = hue.to_radians();
    srgb([lightness, chroma * hue.cos(), chroma * hue.sin()])
}

const TO_LMS: [[f64; 3]; 3] = [
    [0.412_221_470_8, 0.536_332_536_3, 0.051_445_992_9],
    [0.211_903_498_2, 0.680_699_545_1, 0.107_396_956_6],
    [0.088_302_461_9, 0.281_718_837_6, 0.629_978_700_5],
];
const TO_LAB: [[f64; 3]; 3] = [
    [0.210_454_255_3, 0.793_617_785_0, -0.004_072_046_8],
    [1.977_998_495_1, -2.428_592_205_0, 0.450_593_709_9],
    [0.025_904_037_1, 0.782_771_766_2, -0.808_675_766_0],
];
const FROM_LAB: [[f64; 3]; 3] = [
    [1.0, 0.396_337_777_4, 0.215_803_757_3],
    [1.0, -0.105_561_345_8, -0.063_854_172_8],
    [1.0, -0.089_484_177_5, -1.291_485_548_0],
];
const FROM_LMS: [[f64; 3]; 3] = [
    [4.076_741_662_1, -3.307_711_591_3, 0.230_969_929_2],
    [-1.268_438_004_6, 2.609_757_401_1, -0.341_319_396_5],
    [-0.004_196_086_3, -0.703_418_614_7, 1.707_614_701_0],
];

fn times(matrix: &[[f64; 3]; 3], v: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row[0] * v[0] + row[1] * v[1] + row[2] * v[2])
}

fn linear(component: u8) -> f64 {
    let c = f64::from(component) / 255.0;
    if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

fn oklab(rgb: [u8; 3]) -> [f64; 3] {
    times(&TO_LAB, times(&TO_LMS, rgb.map(linear)).map(f64::cbrt))
}

fn linear_rgb(lab: [f64; 3]) -> [f64; 3] {
    times(&FROM_LMS, times(&FROM_LAB, lab).map(|c| c * c * c))
}

fn srgb(lab: [f64; 3]) -> [u8; 3] {
    linear_rgb(lab).map(|c| {
        let c = c.clamp(0.0, 1.0);
        let gamma = if c <= 0.003_130_8 { 12.92 * c } else { 1.055 * c.powf(1.0 / 2.4) - 0.055 };
        (gamma * 255.0).round() as u8
    })
}

/// A colour map tabulated over [0, 1], for pictures with many cells.
#[derive(Debug, Clone)]
pub struct Palette(Vec<[u8; 3]>);

impl Palette {
    /// The colours of `map`.
    pub fn new(map: ColourMap) -> Self {
        Self((0..=1023).map(|i| map.colour(f64::from(i) / 1023.0)).collect())
    }

    /// The colour of `value` between `limits`; `None` for NaN.
    pub fn at(&self, value: f64, limits: [f64; 2]) -> Option<[u8; 3]> {
        let t = (value - limits[0]) / (limits[1] - limits[0]);
        (!t.is_nan()).then(|| self.0[(t.clamp(0.0, 1.0) * 1023.0).round() as usize])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// CIE 1976 L* of a colour, from its relative luminance.
    fn lightness(rgb: [u8; 3]) -> f64 {
        let [r, g, b] = rgb.map(linear);
        let y = 0.2126 * r + 0.7152 * g + 0.0722 * b;
        if y > 0.008_856 { 116.0 * y.cbrt() - 16.0 } else { 903.3 * y }
    }

    fn steps(map: ColourMap) -> Vec<f64> {
        (0..=256).map(|i| lightness(map.colour(f64::from(i) / 256.0))).collect()
    }

    /// Rounding to 8 bits moves L* by at most about 0.3.
    const ROUNDING: f64 = 0.35;

    #[test]
    fn lightness_of_sequential_maps_rises() {
        for map in [ColourMap::Viridis, ColourMap::Cividis, ColourMap::Grey] {
            let l = steps(map);
            assert!(l.windows(2).all(|pair| pair[1] > pair[0] - ROUNDING), "{map:?}");
            assert!(l[256] - l[0] > 70.0, "{map:?}: {} to {}", l[0], l[256]);
        }
    }

    #[test]
    fn lightness_of_the_diverging_map_falls_to_both_sides_equally() {
        let l = steps(ColourMap::Diverging);
        assert!(l[..=128].windows(2).all(|pair| pair[1] > pair[0] - ROUNDING));
        assert!(l[128..].windows(2).all(|pair| pair[1] < pair[0] + ROUNDING));
        assert!(l[128] > 94.0 && l[0] < 45.0);
        for i in 0..=128 {
            assert!((l[i] - l[256 - i]).abs() < 5.0, "{i}: {} and {}", l[i], l[256 - i]);
        }
    }

    #[test]
    fn constructed_maps_lie_within_srgb() {
        // Clipped colours would differ from the construction.
        let inside = |lab: [f64; 3]| linear_rgb(lab).iter().all(|&c| (-0.004..=1.004).contains(&c));
        for i in 0..=200 {
            let t = f64::from(i) / 200.0;
            for map in [ColourMap::Diverging, ColourMap::Cyclic] {
                let back = oklab(map.colour(t));
                assert!(inside(back));
            }
            let hue = (20.0 + 360.0 * t).to_radians();
            let l = 0.66 - 0.14 * (hue - 345f64.to_radians()).cos();
            assert!(inside([l, 0.112 * hue.cos(), 0.112 * hue.sin()]), "cyclic at {t}");
        }
    }

    #[test]
    fn opposite_angles_differ_strongly() {
        for i in 0..64 {
            let [a, b] =
                [f64::from(i) / 64.0, f64::from(i) / 64.0 + 0.5].map(|t| oklab(ColourMap::Cyclic.colour(t)));
            let distance: f64 = (0..3).map(|k| (a[k] - b[k]).powi(2)).sum::<f64>().sqrt();
            assert!(distance > 0.15, "{i}: {distance}");
        }
    }

    /// Machado, Oliveira and Fernandes (2009), severity 1, on linear sRGB.
    const DICHROMATS: [(&str, [[f64; 3]; 3]); 2] = [
        (
            "protanopia",
            [
                [0.152286, 1.052583, -0.204868],
                [0.114503, 0.786281, 0.099216],
                [-0.003882, -0.048116, 1.051998],
            ],
        ),
        (
            "deuteranopia",
            [
                [0.367322, 0.860646, -0.227968],
                [0.280085, 0.672501, 0.047413],
                [-0.011820, 0.042940, 0.968881],
            ],
        ),
    ];

    #[test]
    fn dichromats_distinguish_angles_and_signs() {
        for (name, matrix) in DICHROMATS {
            let seen = |map: ColourMap, t: f64| {
                let rgb = times(&matrix, map.colour(t).map(linear)).map(|c| c.clamp(0.0, 1.0));
                times(&TO_LAB, times(&TO_LMS, rgb).map(f64::cbrt))
            };
            let distance =
                |a: [f64; 3], b: [f64; 3]| (0..3).map(|k| (a[k] - b[k]).powi(2)).sum::<f64>().sqrt();
            for i in 0..64 {
                for apart in 16..=48 {
                    let [a, b] = [i, i + apart].map(|i| seen(ColourMap::Cyclic, f64::from(i) / 64.0));
                    // 0.02 is about the smallest difference between large neighbouring areas.
                    assert!(distance(a, b) > 0.06, "{name}: {i} and {apart} on, {}", distance(a, b));
                }
            }
            for i in 0..24 {
                let [a, b] = [i, 64 - i].map(|i| seen(ColourMap::Diverging, f64::from(i) / 64.0));
                assert!(distance(a, b) > 0.1, "{name}: {i}, {}", distance(a, b));
            }
        }
    }

    #[test]
    fn oklab_there_and_back() {
        for rgb in [[0, 0, 0], [255, 255, 255], [12, 200, 99], [255, 0, 0]] {
            assert_eq!(srgb(oklab(rgb)), rgb);
        }
        assert_eq!(ColourMap::Viridis.colour(f64::NAN), NO_VALUE);
    }
}
