//! The content of `metrics.json`.

use adatom_interpret::{ClusterTrial, FieldCorrelation, LatentClusters};
use adatom_patch::Samples;
use serde_json::{Map, Value, json};

use super::ACTIVE_NAT;
use crate::image::ImageResults;
use crate::image::Interpretation;

pub(in crate::image) fn metrics(results: &ImageResults) -> Value {
    let (patches, model) = (results.placed().patches(), results.model());
    let (names, kl) = (results.posterior().names(), results.posterior().kl_per_latent());
    let per_latent: Map<String, Value> =
        names.iter().zip(&kl).map(|(name, kl)| (name.clone(), json!(kl))).collect();
    let active: Vec<&String> =
        names.iter().zip(&kl).filter(|(_, kl)| **kl >= ACTIVE_NAT).map(|(name, _)| name).collect();
    let last = model.history().last();
    let mut metrics = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "patches": patches.len(),
        "window": [patches.window().height(), patches.window().width()],
        "images": patches.patch_grid().frames(),
        "epochs": model.history().epochs().len(),
        "training_outcome": results.training().outcome(),
        "elbo": last.map(|record| record.elbo.total()),
        "reconstruction": last.map(|record| record.elbo.log_likelihood),
        "kl": last.map(|record| record.elbo.kl),
        "held_out_elbo": last.and_then(|record| record.held_out).map(|elbo| elbo.total()),
        "explained_variance": results.encoded().explained_variance(),
        "kl_per_latent": per_latent,
        "active": active,
        "noise_sigma": results.learned_noise(),
        "scaling": patches.scaling(),
        "config": model.config(),
        "settings": results.settings(),
        "seed": results.settings().training.seed,
        "seconds": results.training().seconds() + results.encoded().seconds(),
    });
    add_interpretation(&mut metrics, results.interpretation());
    metrics
}

fn add_interpretation(metrics: &mut Value, found: &Interpretation) {
    if let Some(clusters) = found.clusters() {
        metrics["clusters"] = cluster_metrics(clusters, &found.tried);
    }
    if !found.correlations().is_empty() {
        let of = |found: &FieldCorrelation| (found.field().to_owned(), field_metrics(found));
        metrics["fields"] = found.correlations().iter().map(of).collect::<Map<_, _>>().into();
    }
}

fn cluster_metrics(clusters: &LatentClusters, tried: &[ClusterTrial]) -> Value {
    let tried: Map<String, Value> =
        tried.iter().map(|tried| (tried.clusters.to_string(), json!(tried.silhouette))).collect();
    json!({
        "number": clusters.sizes().len(),
        "sizes": clusters.sizes(),
        "silhouette": clusters.silhouette(),
        "silhouette_of": clusters.silhouettes(),
        "tried": tried,
    })
}

fn field_metrics(found: &FieldCorrelation) -> Value {
    let mut latents = Map::new();
    for latent in found.latents() {
        let [pearson, spearman] = [latent.pearson, latent.spearman].map(
            |found| {
                json!({ "r": found.r, "interval": found.interval, "worth": found.effective, "p": found.p })
            },
        );
        latents.insert(latent.latent.clone(), json!({ "pearson": pearson, "spearman": spearman }));
    }
    let fit = found.fit();
    json!({
        "patches": found.patches(),
        "r_squared": fit.r_squared,
        "r_squared_held_out": fit.held_out,
        "worth": fit.effective,
        "p": fit.p,
        "latents": latents,
    })
}
