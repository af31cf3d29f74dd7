//! scratch
use pgkeel::engine::{
    catalog::read::read,
    plan::{Wishes, plan},
};
use pgkeel::pg::{connect::ConnectOptions, interrupt::Interrupt, session::Session, url::DatabaseUrl};
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let cat = |u: &str| {
        let mut s = Session::connect(
            &DatabaseUrl::parse(u).unwrap(),
            &ConnectOptions::default(),
            &Interrupt::default(),
        )
        .unwrap();
        read(&mut s, "pgkeel").unwrap_or_else(|e| panic!("{e:?}"))
    };
    let t = std::time::Instant::now();
    let (a, b) = (cat(&args[1]), cat(&args[2]));
    let t1 = t.elapsed();
    if args.len() > 3 {
        for d in a.differences(&b, &Default::default()) {
            println!("{:?}", d.id());
        }
        return;
    }
    match plan(&a, &b, &Wishes::default()) {
        Ok(p) => print!("{}", p.script()),
        Err(e) => {
            eprintln!("{e}");
            std::process::exit(1)
        }
    }
    eprintln!("-- read {:?} plan {:?}, {} facts", t1, t.elapsed() - t1, a.facts().len());
}
