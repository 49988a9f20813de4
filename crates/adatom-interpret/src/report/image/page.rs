//! The sections of the report on one image.

use adatom_core::ImageFrame;

use super::ImageReport;
use crate::{BarFigure, Figure};
use crate::{Section, Table};
use adatom_plot::scale::length_label;
use adatom_plot::text::{count, fixed, significant};

/// A latent variable with a smaller KL divergence from the prior is called collapsed.
const ACTIVE_NAT: f64 = 0.01;

impl ImageReport {
    pub(super) fn summary(&self) -> Vec<[String; 3]> {
        let card = |label: &str, value: String, unit: &str| [label.to_owned(), value, unit.to_owned()];
        let ImageFrame { height, width, .. } = self.frame;
        let mut cards = vec![card("image", format!("{height}\u{A0}× {width}"), "px")];
        if let Some(size) = &self.frame.pixel_size {
            let view = [height as f64 * size.row, width as f64 * size.column];
            let [rows, columns] = view.map(|length| length_label(length, &size.unit));
            // 3.8 × 4.8 nm where both have the same unit.
            let split = |text: &str| text.rsplit_once(' ').map(|(n, unit)| (n.to_owned(), unit.to_owned()));
            cards.push(match (split(&rows), split(&columns)) {
                (Some((rows, unit)), Some((columns, other))) if unit == other => {
                    card("field of view", format!("{rows}\u{A0}× {columns}"), &unit)
                }
                _ => card("field of view", format!("{rows} × {columns}"), ""),
            });
        }
        if let Some(window) = self.window {
            let [here, all] = self.patches;
            let of_all = if here == all { String::new() } else { format!("of {} on all images", count(all)) };
            cards.push(card("patches", count(here), &of_all));
            cards.push(card("window", format!("{}\u{A0}× {}", window.height(), window.width()), "px"));
        }
        if let Some(last) = self.history.last() {
            let held_out = last.held_out.filter(|elbo| elbo.is_finite());
            let label = if held_out.is_some() { "ELBO, held out" } else { "ELBO, training" };
            cards.push(card(label, significant(held_out.unwrap_or(last.elbo), 5), "nat"));
            cards.push(card("epochs", count(last.epoch), ""));
        }
        if !self.kl.is_empty() {
            let active = self.kl.iter().filter(|(_, kl)| is_active(*kl)).count();
            cards.push(card("active latents", format!("{active} of {}", self.kl.len()), ""));
        }
        cards.extend(self.cards.iter().cloned());
        cards
    }

    pub(super) fn image_section(&self) -> Section {
        let section = Section::new("Image").figure(
            &self.image,
            "The image as read; grey levels span the 1st to the 99th percentile.",
            "the measured image in grey",
        );
        match &self.frame.pixel_size {
            Some(_) => section,
            None => section.paragraph("The file has no pixel size; lengths are in pixels."),
        }
    }

    pub(super) fn map_section(&self) -> Option<Section> {
        if self.maps.is_empty() && self.shifts.is_none() {
            return None;
        }
        let mut section = Section::new("Latent maps");
        for (name, figure) in &self.maps {
            // Two fit side by side on the screen of a laptop.
            let drawing = if self.maps.len() > 1 { figure.within([420.0, 420.0]) } else { figure.drawing() };
            section = section.figure(&drawing, "", format!("map of {name} over the image"));
        }
        if let Some(figure) = &self.shifts {
            let caption = "Displacement of the object of each patch from the centre of its window.";
            section = section.figure(figure, caption, "displacements as arrows over the image");
        }
        Some(section)
    }

    pub(super) fn latent_section(&self) -> Option<Section> {
        let mut section = Section::new("Latent variables");
        let mut filled = false;
        if let Some(figure) = &self.manifold {
            let caption = "Patches decoded on a grid of two latent variables.";
            section = section.figure(figure, caption, "patches decoded over a grid of latent values");
            filled = true;
        }
        if let Some(figure) = &self.latents {
            section = section.figure(
                figure,
                "Distribution of the patches in latent space.",
                "latent variables of all patches",
            );
            filled = true;
        }
        if let Some(figure) = &self.latent_parts.traversals {
            let caption = "Latent traversals: each variable varies from 2 standard deviations below its \
                           median over all patches to 2 above; the others are fixed at their medians.";
            section = section.figure(figure, caption, "patches decoded along each latent variable");
            filled = true;
        }
        if let Some(figure) = self.kl_figure() {
            let collapsed: Vec<_> =
                self.kl.iter().filter(|(_, kl)| !is_active(*kl)).map(|(name, _)| name.as_str()).collect();
            let words = match collapsed.as_slice() {
                [] => "All latent variables are active.".to_owned(),
                [name] => format!("{name} is collapsed: its posterior equals the prior for every patch."),
                names => format!(
                    "{} are collapsed: their posteriors equal the prior for every patch.",
                    names.join(", ")
                ),
            };
            let caption = format!(
                "Latent variables are active where the KL divergence exceeds {ACTIVE_NAT} nat. {words}"
            );
            section = section.figure(&figure, caption, "KL divergence of each latent variable");
            filled = true;
        }
        filled.then_some(section)
    }

    pub(super) fn truth_section(&self) -> Option<Section> {
        if self.truth.is_empty() {
            return None;
        }
        let mut table = Table::new(["quantity", "r"]);
        for (name, figure) in &self.truth {
            let r = figure.correlation().map_or("–".to_owned(), |r| fixed(r, 3));
            table = table.row([name.clone(), r]);
        }
        let mut section = Section::new("Comparison with known values").table(table);
        for (name, figure) in &self.truth {
            section = section.figure(figure, "", format!("recovered against true values of {name}"));
        }
        Some(section)
    }

    pub(super) fn quality_section(&self) -> Option<Section> {
        let mut section = Section::new("Reconstruction and training");
        if let Some(figure) = &self.pairs {
            let caption = "Patches, reconstructions and residuals (original minus reconstruction).";
            section = section.figure(figure, caption, "patches, reconstructions and residuals");
        }
        if let Some(figure) = &self.curves {
            let caption = "ELBO = reconstruction − KL, in nat per patch; higher is better.";
            section = section.figure(figure, caption, "training curves");
        }
        (self.pairs.is_some() || self.curves.is_some()).then_some(section)
    }

    pub(super) fn settings_section(&self) -> Option<Section> {
        if self.settings.is_empty() && self.code.is_empty() {
            return None;
        }
        let mut section = Section::new("Settings and reproduction");
        if !self.settings.is_empty() {
            section = section.settings(self.settings.clone());
        }
        Some(self.code.iter().fold(section, |section, (caption, code)| section.code(caption, code)))
    }

    pub(super) fn kl_figure(&self) -> Option<BarFigure> {
        let bar = |figure: BarFigure, (name, kl): &(String, f64)| {
            figure.bar(name, *kl, if is_active(*kl) { "active" } else { "collapsed" })
        };
        (!self.kl.is_empty()).then(|| self.kl.iter().fold(BarFigure::new("KL divergence (nat)"), bar))
    }
}

fn is_active(kl: f64) -> bool {
    kl > ACTIVE_NAT
}
