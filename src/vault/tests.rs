use std::path::Path;
use std::process::Command;

use super::{Secret, Vault, header};

/// Made by ansible-vault (ansible-core 2.21) with this password and salt.
const SALT: &[u8] = b"0123456789abcdef0123456789abcdef";
const HEAD: &str =
    "33303331333233333334333533363337333833393631363236333634363536363330333133323333
3334333533363337333833393631363236333634363536360a";
const SAMPLES: [(&str, Option<&str>, &str, &str); 4] = [
    (
        "hunter2",
        None,
        "hello: world\n",
        "366562323430386439336531373563
36373232353232623962343638363165656237393634393434336436393864653466343464363464
6536653536333366310a323531303035613462366533346236323130646532616166613539656339
3832
",
    ),
    (
        "hunter2",
        Some("dev"),
        "",
        "616663366634393036316235666233
32313730643033626231653932353266353131646433333263363561313732353565623536636534
3738346239303638610a356436353739643863396339376230353666626335366462626638646461
3931
",
    ),
    (
        "other",
        Some("dev"),
        "exactly16 bytes!",
        "613964333266356137346464636466
37663962643763323031643139636636663332343964393335626436386361613738356331346634
6431613537396335640a653534353538636137633638633033613136663438303734343135613663
34623638663663353231663164306537316530656534653839626330333839363933
",
    ),
    (
        "hunter2",
        Some("dev"),
        "sécret",
        "323131383766663664356366616265
31643764373566626135663232313230363033376635356164616337643839373431623639636538
3138313563346330330a336562366330616261626263316631633736613534666332613639346333
3838
",
    ),
];

fn sample(label: Option<&str>, body: &str) -> String {
    match label {
        None => format!("$ANSIBLE_VAULT;1.1;AES256\n{HEAD}{body}"),
        Some(label) => format!("$ANSIBLE_VAULT;1.2;AES256;{label}\n{HEAD}{body}"),
    }
}

fn vault(passwords: &[(&str, &str)]) -> Vault {
    let mut vault = Vault::new();
    for (label, password) in passwords {
        vault.add(label, Secret::new(*password));
    }
    vault
}

#[test]
fn what_ansible_vault_sealed_is_opened_and_sealed_alike() {
    for (password, label, plaintext, body) in SAMPLES {
        let text = sample(label, body);
        let vault = vault(&[(label.unwrap_or("default"), password)]);
        assert_eq!(vault.open(&text).unwrap().expose(), plaintext.as_bytes());
        assert_eq!(
            vault.seal(plaintext.as_bytes(), None, Some(SALT)).unwrap(),
            text
        );
        assert_eq!(header(&text).unwrap().label.as_deref(), label);
    }
}

#[test]
fn all_passwords_are_tried_unless_labels_must_match() {
    let (password, label, plaintext, body) = SAMPLES[2];
    let text = sample(label, body);
    let mut vault = vault(&[("dev", "wrong"), ("prod", password)]);
    let opened = vault.open_with_label(&text).unwrap();
    assert_eq!(opened.label, "prod");
    assert_eq!(opened.plaintext.expose(), plaintext.as_bytes());
    vault.match_labels(true);
    let error = vault.open(&text).unwrap_err();
    assert!(
        error
            .hint_text()
            .unwrap()
            .contains("encrypted with the vault id `dev`"),
        "{error:?}"
    );
}

#[test]
fn what_cannot_be_opened_says_why() {
    let (_, label, _, body) = SAMPLES[0];
    let text = sample(label, body);
    let vault = vault(&[("default", "wrong")]);
    let changed = text.replacen("3665", "3666", 1);
    for (text, words) in [
        (
            text.as_str(),
            "no vault secrets were found that could decrypt",
        ),
        (
            changed.as_str(),
            "no vault secrets were found that could decrypt",
        ),
        (
            &text[..text.len() - 2],
            "Vault format unhexlify error: Odd-length string",
        ),
        (
            &text.replace("66", "xy"),
            "Vault format unhexlify error: Non-hexadecimal digit found",
        ),
        (
            "$ANSIBLE_VAULT;1.1;AES256\n",
            "damaged: it holds fewer than three parts",
        ),
        (
            "$ANSIBLE_VAULT;1.1;AES256\n3030\n",
            "damaged: it holds fewer than three parts",
        ),
        ("plain", "Input is not vault encrypted data."),
    ] {
        let error = vault.open(text).unwrap_err();
        assert!(error.message().contains(words), "{error}");
    }
    let error = Vault::new().open(&text).unwrap_err();
    assert!(error.message().contains("no vault secrets found"));
}

#[test]
fn sealing_needs_a_password_that_there_is() {
    let vault = vault(&[("dev", "a"), ("prod", "b")]);
    assert!(
        vault
            .seal(b"x", Some("prot"), None)
            .unwrap_err()
            .hint_text()
            .unwrap()
            .contains("prod")
    );
    assert!(
        vault
            .seal(b"$ANSIBLE_VAULT;1.1;AES256\n", None, None)
            .is_err()
    );
    assert!(Vault::new().seal(b"x", None, None).is_err());
    let (first, second) = (
        vault.seal(b"x", None, None).unwrap(),
        vault.seal(b"x", None, None).unwrap(),
    );
    assert_ne!(first, second);
    assert!(first.starts_with("$ANSIBLE_VAULT;1.2;AES256;dev\n"));
}

#[test]
fn secrets_do_not_print() {
    let secret = Secret::new("hunter2");
    assert_eq!(format!("{secret} {secret:?}"), "*** ***");
    assert_eq!(secret, Secret::new("hunter2"));
    assert_ne!(secret, Secret::new("hunter3"));
    assert!(!format!("{:?}", vault(&[("dev", "hunter2")])).contains("hunter2"));
}

/// Runs the reference in `folder`; `PLAY_REFERENCE` is the folder of its virtual environment.
fn ansible_vault(reference: &Path, folder: &Path, arguments: &[&str]) {
    let status = Command::new(reference.join("bin/ansible-vault"))
        .args(arguments)
        .current_dir(folder)
        .env("HOME", folder)
        .output()
        .unwrap();
    assert!(
        status.status.success(),
        "{}",
        String::from_utf8_lossy(&status.stderr)
    );
}

#[test]
fn the_reference_opens_ours_and_we_open_its() {
    let Some(reference) = std::env::var_os("PLAY_REFERENCE") else {
        println!("skipped: PLAY_REFERENCE does not name a virtual environment with ansible-core");
        return;
    };
    let reference = Path::new(&reference);
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("pw"), "correct horse\n").unwrap();
    let vault = vault(&[("prod", "correct horse")]);
    for size in [0, 1, 15, 16, 17, 1000, 100_000] {
        let plaintext: Vec<u8> = (0..size).map(|i| (i * 7 % 251) as u8).collect();
        std::fs::write(at("file"), &plaintext).unwrap();
        ansible_vault(
            reference,
            folder.path(),
            &["encrypt", "--vault-id", "prod@pw", "file"],
        );
        let sealed = std::fs::read_to_string(at("file")).unwrap();
        assert_eq!(vault.open(&sealed).unwrap().expose(), plaintext);

        std::fs::write(at("file"), vault.seal(&plaintext, None, None).unwrap()).unwrap();
        ansible_vault(
            reference,
            folder.path(),
            &["decrypt", "--vault-id", "prod@pw", "file"],
        );
        assert_eq!(std::fs::read(at("file")).unwrap(), plaintext);
    }
}
