fn main() {
    for path in std::env::args().skip(1) {
        let now = std::time::Instant::now();
        let result = adatom_spectra::SpectrumFile::open(&path, &Default::default());
        let took = now.elapsed();
        match result {
            Err(error) => println!("{path}: ERROR {error}"),
            Ok(file) => {
                println!("{path}: {} {took:?} {:?}", file.format, file.warnings);
                use adatom_spectra::Contents as C;
                match file.contents {
                    C::Pdf(p) => println!(
                        "  pdf n {} r {}..{} g0 {:?} dr {} dg {} | {:?}",
                        p.len(),
                        p.distance().first(),
                        p.distance().last(),
                        p.g()[0],
                        p.distance_uncertainty().is_some(),
                        p.uncertainty().is_some(),
                        ["qmax", "qmin", "qdamp", "composition", "wavelength", "mode"]
                            .map(|k| p.metadata().get(k).map(str::to_owned))
                    ),
                    C::Scattering(s) => println!(
                        "  {:?} n {} q {}..{} d {} {:?}",
                        s.kind(),
                        s.q().len(),
                        s.q().first(),
                        s.q().last(),
                        s.uncertainty().is_some(),
                        s.metadata().get("wavelength")
                    ),
                    other => println!("  {:?}", std::mem::discriminant(&other)),
                }
            }
        }
    }
}
