//! A drawing as PNG, two pixels for each pixel of the page which is sharp on paper and on high-resolution
//! screens.

use tiny_skia::{Color, FillRule, LineJoin, Paint, Path, PathBuilder, Pixmap, Stroke, StrokeDash, Transform};

use super::{Drawing, Element, Ink, Pen, Raster, Rect};
use crate::font;
use crate::outline::Segment;

/// Pixels of the PNG for one pixel of the page.
pub(crate) const SCALE: f64 = 2.0;

pub(super) fn encode(drawing: &Drawing) -> Vec<u8> {
    let [width, height] = [drawing.width, drawing.height].map(|side| ((side * SCALE).ceil() as u32).max(1));
    let mut canvas = Pixmap::new(width, height).expect("drawings are far smaller than the address space");
    canvas.fill(Color::WHITE);
    let scale = Transform::from_scale(SCALE as f32, SCALE as f32);
    for element in &drawing.elements {
        match element {
            Element::Path { outline, fill, pen } => {
                let Some(path) = path(outline) else { continue };
                if let Some(ink) = fill {
                    canvas.fill_path(&path, &paint(*ink), FillRule::Winding, scale, None);
                }
                if let Some(pen) = pen {
                    canvas.stroke_path(&path, &paint(pen.ink), &stroke(*pen), scale, None);
                }
            }
            Element::Picture { rect, raster } => blit(&mut canvas, *rect, raster),
            Element::Text { origin, size, content, ink, upwards } => {
                let to_pixels = (size / font::units_per_em()) as f32;
                let place = scale.pre_translate(origin[0] as f32, origin[1] as f32);
                let place = if *upwards { place.pre_rotate(-90.0) } else { place };
                let place = place.pre_scale(to_pixels, -to_pixels);
                for glyph in font::line(content).glyphs {
                    if let Some(path) = path(&font::outline(glyph.id)) {
                        let place = place.pre_translate(glyph.x as f32, 0.0);
                        canvas.fill_path(&path, &paint(*ink), FillRule::Winding, place, None);
                    }
                }
            }
        }
    }
    // The canvas is opaque, so that premultiplied colours are the colours.
    let rgb: Vec<u8> =
        canvas.data().chunks_exact(4).flat_map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect();
    write_png([width, height], png::ColorType::Rgb, &rgb)
}

fn paint(ink: Ink) -> Paint<'static> {
    let mut paint = Paint::default();
    let [r, g, b] = ink.rgb;
    paint.set_color_rgba8(r, g, b, (ink.opacity.clamp(0.0, 1.0) * 255.0).round() as u8);
    paint.anti_alias = true;
    paint
}

fn stroke(pen: Pen) -> Stroke {
    let dash = if pen.dash > 0.0 { StrokeDash::new(vec![pen.dash as f32; 2], 0.0) } else { None };
    Stroke { width: pen.width as f32, line_join: LineJoin::Round, dash, ..Stroke::default() }
}

fn path(outline: &[Segment]) -> Option<Path> {
    let mut builder = PathBuilder::new();
    let single = |p: &[f64; 2]| (p[0] as f32, p[1] as f32);
    for segment in outline {
        match segment {
            Segment::Move(p) => builder.move_to(single(p).0, single(p).1),
            Segment::Line(p) => builder.line_to(single(p).0, single(p).1),
            Segment::Quad(a, p) => builder.quad_to(single(a).0, single(a).1, single(p).0, single(p).1),
            Segment::Cubic(a, b, p) => {
                let (a, b, p) = (single(a), single(b), single(p));
                builder.cubic_to(a.0, a.1, b.0, b.1, p.0, p.1);
            }
            Segment::Close => builder.close(),
        }
    }
    builder.finish()
}

/// Nearest cell where cells are larger than pixels, the mean of the cells where they are smaller.
fn blit(canvas: &mut Pixmap, rect: Rect, raster: &Raster) {
    let edge = |x: f64, limit: u32| (x * SCALE).round().clamp(0.0, f64::from(limit)) as usize;
    let (canvas_width, canvas_height) = (canvas.width(), canvas.height());
    let (left, right) = (edge(rect.x, canvas_width), edge(rect.right(), canvas_width));
    let (top, bottom) = (edge(rect.y, canvas_height), edge(rect.bottom(), canvas_height));
    if left >= right || top >= bottom {
        return;
    }
    let small = reduced(raster, right - left, bottom - top);
    let raster = small.as_ref().unwrap_or(raster);
    let data = canvas.data_mut();
    for y in top..bottom {
        let row = (2 * (y - top) + 1) * raster.height / (2 * (bottom - top));
        for x in left..right {
            let column = (2 * (x - left) + 1) * raster.width / (2 * (right - left));
            let from = (row * raster.width + column) * 4;
            let to = (y * canvas_width as usize + x) * 4;
            let opacity = u32::from(raster.rgba[from + 3]);
            for channel in 0..3 {
                let over = u32::from(raster.rgba[from + channel]) * opacity;
                let under = u32::from(data[to + channel]) * (255 - opacity);
                data[to + channel] = ((over + under + 127) / 255) as u8;
            }
        }
    }
}

/// The raster averaged to at most `width` × `height` cells; `None` where it is not larger.
pub(super) fn reduced(raster: &Raster, width: usize, height: usize) -> Option<Raster> {
    if raster.width <= width && raster.height <= height {
        return None;
    }
    let (width, height) = (raster.width.min(width), raster.height.min(height));
    let mut rgba = Vec::with_capacity(width * height * 4);
    for y in 0..height {
        let rows = y * raster.height / height..((y + 1) * raster.height).div_ceil(height);
        for x in 0..width {
            let columns = x * raster.width / width..((x + 1) * raster.width).div_ceil(width);
            let (mut sum, mut weight, mut cells) = ([0u64; 3], 0, 0);
            for row in rows.clone() {
                for column in columns.clone() {
                    let cell = &raster.rgba[(row * raster.width + column) * 4..][..4];
                    let opacity = u64::from(cell[3]);
                    for (total, &value) in sum.iter_mut().zip(cell) {
                        *total += u64::from(value) * opacity;
                    }
                    weight += opacity;
                    cells += 1;
                }
            }
            rgba.extend(sum.map(|total| total.checked_div(weight).unwrap_or(0) as u8));
            rgba.push((weight / cells) as u8);
        }
    }
    Some(Raster { width, height, rgba })
}

/// The cells of a raster as a PNG file.
pub(super) fn encode_rgba(raster: &Raster) -> Vec<u8> {
    write_png([raster.width as u32, raster.height as u32], png::ColorType::Rgba, &raster.rgba)
}

fn write_png([width, height]: [u32; 2], colour: png::ColorType, bytes: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, width, height);
    encoder.set_color(colour);
    encoder.set_depth(png::BitDepth::Eight);
    if colour == png::ColorType::Rgb {
        // 192 pixels per inch, with which viewers and word processors show the size of the page.
        let metre = (96.0 * SCALE / 0.0254).round() as u32;
        encoder.set_pixel_dims(Some(png::PixelDimensions {
            xppu: metre,
            yppu: metre,
            unit: png::Unit::Meter,
        }));
    }
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(bytes)?;
        writer.finish()
    });
    written.expect("the buffer has the declared size and writing to memory does not fail");
    file
}
