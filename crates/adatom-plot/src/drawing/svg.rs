//! A drawing as SVG: outlines for text, embedded PNG for pictures with cells.

use std::collections::BTreeSet;
use std::fmt::Write;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::raster::{encode_rgba, reduced};
use super::{Drawing, Element, Ink, Pen};
use crate::font;
use crate::outline::Segment;
use crate::text::escape;

// Links are written as `xlink:href`, which office programs and older editors need and browsers still read.

/// Pictures are reduced to this extent in SVG, which is twice the largest extent on the page.
const LARGEST_PICTURE: usize = 2048;

pub(super) fn write(drawing: &Drawing) -> String {
    let (width, height) = (number(drawing.width), number(drawing.height));
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" \
         width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" role=\"img\">\n<defs>"
    );
    for glyph in glyphs(drawing) {
        push(&mut svg, format_args!("<path id=\"g{glyph}\" d=\"{}\"/>", outline(&font::outline(glyph))));
    }
    push(&mut svg, format_args!("</defs>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"));
    for element in &drawing.elements {
        match element {
            Element::Path { outline: steps, fill, pen } => push(
                &mut svg,
                format_args!("<path d=\"{}\"{}{}/>\n", outline(steps), filled(*fill), stroked(*pen)),
            ),
            Element::Picture { rect, raster } => {
                let png = match reduced(raster, LARGEST_PICTURE, LARGEST_PICTURE) {
                    Some(small) => encode_rgba(&small),
                    None => encode_rgba(raster),
                };
                // Cells have sharp edges; where several share one pixel of the page they are averaged.
                let larger =
                    raster.width as f64 > 2.0 * rect.width || raster.height as f64 > 2.0 * rect.height;
                let rendering = if larger { "auto" } else { "pixelated" };
                push(
                    &mut svg,
                    format_args!(
                        "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" \
                         style=\"image-rendering:{rendering}\" xlink:href=\"data:image/png;base64,{}\"/>\n",
                        number(rect.x),
                        number(rect.y),
                        number(rect.width),
                        number(rect.height),
                        STANDARD.encode(png)
                    ),
                );
            }
            Element::Text { origin, size, content, ink, upwards } => {
                let scale = size / font::units_per_em();
                let turn = if *upwards { " rotate(-90)" } else { "" };
                push(
                    &mut svg,
                    format_args!(
                        "<g aria-label=\"{}\" transform=\"translate({} {}){turn} \
                         scale({scale:.7} -{scale:.7})\"{}>",
                        escape(content),
                        number(origin[0]),
                        number(origin[1]),
                        filled(Some(*ink))
                    ),
                );
                for glyph in font::line(content).glyphs {
                    push(
                        &mut svg,
                        format_args!("<use xlink:href=\"#g{}\" x=\"{}\"/>", glyph.id, number(glyph.x)),
                    );
                }
                svg.push_str("</g>\n");
            }
        }
    }
    svg.push_str("</svg>\n");
    svg
}

fn push(svg: &mut String, text: std::fmt::Arguments<'_>) {
    svg.write_fmt(text).expect("writing to a string cannot fail");
}

fn glyphs(drawing: &Drawing) -> BTreeSet<u16> {
    let texts = drawing.elements.iter().filter_map(|element| match element {
        Element::Text { content, .. } => Some(content),
        _ => None,
    });
    texts.flat_map(|content| font::line(content).glyphs).map(|glyph| glyph.id).collect()
}

fn number(x: f64) -> String {
    let text = format!("{x:.2}");
    let short = text.trim_end_matches('0').trim_end_matches('.');
    if short == "-0" { "0".into() } else { short.into() }
}

fn outline(steps: &[Segment]) -> String {
    let mut d = String::new();
    for step in steps {
        let (letter, points): (char, &[[f64; 2]]) = match step {
            Segment::Move(p) => ('M', &[*p]),
            Segment::Line(p) => ('L', &[*p]),
            Segment::Quad(a, p) => ('Q', &[*a, *p]),
            Segment::Cubic(a, b, p) => ('C', &[*a, *b, *p]),
            Segment::Close => ('Z', &[]),
        };
        d.push(letter);
        let text: Vec<_> = points.iter().flatten().map(|&x| number(x)).collect();
        d.push_str(&text.join(" "));
    }
    d
}

fn hex([r, g, b]: [u8; 3]) -> String {
    format!("#{r:02x}{g:02x}{b:02x}")
}

fn opacity(name: &str, ink: Ink) -> String {
    if ink.opacity < 1.0 { format!(" {name}-opacity=\"{}\"", number(ink.opacity)) } else { String::new() }
}

fn filled(fill: Option<Ink>) -> String {
    match fill {
        Some(ink) => format!(" fill=\"{}\"{}", hex(ink.rgb), opacity("fill", ink)),
        None => " fill=\"none\"".into(),
    }
}

fn stroked(pen: Option<Pen>) -> String {
    let Some(pen) = pen else { return String::new() };
    let dash =
        if pen.dash > 0.0 { format!(" stroke-dasharray=\"{}\"", number(pen.dash)) } else { String::new() };
    format!(
        " stroke=\"{}\" stroke-width=\"{}\" stroke-linejoin=\"round\"{dash}{}",
        hex(pen.ink.rgb),
        number(pen.width),
        opacity("stroke", pen.ink)
    )
}
