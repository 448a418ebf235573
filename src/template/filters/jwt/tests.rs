//! The RFCs' own examples (7515, appendix A; 7519, 3.1; 8037, appendix A), and what is refused.

use std::sync::Arc;

use crate::template::testing::Table;
use crate::template::{Engine, Scope, Settings};
use crate::value::{Map, Str};

/// RFC 7515, A.1: the key and the token, which RFC 7519, 3.1 shows too.
const HS_KEY: &str = "{'kty': 'oct', 'k': 'AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75\
                      aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow'}";
const HS_TOKEN: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzM\
                        DA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.dBjftJeZ4CVP\
                        -mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

/// RFC 7515, A.2.
const RS_KEY: &str = "{'kty': 'RSA', 'n': 'ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mP\
                      ddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6\
                      b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UT\
                      o7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DW\
                      NmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ', 'e': 'AQAB'}";
const RS_TOKEN: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0d\
                        HA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dz\
                        ERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9\
                        CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQB\
                        MHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOP\
                        qvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_I\
                        oypGlUPQGe77Rw";

/// RFC 7515, A.3.
const ES_KEY: &str = "{'kty': 'EC', 'crv': 'P-256', 'x': 'f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRV\
                      EU', 'y': 'x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0'}";
const ES_TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0d\
                        HA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-\
                        F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// RFC 7515, A.5: a token that nobody signed.
const UNSIGNED: &str = "eyJhbGciOiJub25lIn0.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0d\
                        HA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.";

const CLAIMS: &str = "{'iss': 'joe', 'exp': 1300819380, 'http://example.com/is_root': True}";

/// So many seconds that 2011 counts as now.
const LONG: &str = "leeway=10000000000";

fn value(expression: &str) -> String {
    let engine = Engine::new(Settings::default());
    let scope: Arc<dyn Scope> = Arc::new(Table::new(Map::new()));
    match engine.expression(&Str::template(expression, None), &scope) {
        Ok(value) => value.repr(),
        Err(error) => format!("error: {}", error.root().message()),
    }
}

#[test]
fn the_examples_of_the_rfcs_are_checked() {
    for (token, key, algorithm) in [
        (HS_TOKEN, HS_KEY, "HS256"),
        (RS_TOKEN, RS_KEY, "RS256"),
        (ES_TOKEN, ES_KEY, "ES256"),
    ] {
        let call =
            |more: &str| format!("'{token}' | jwt_decode({key}, algorithms=['{algorithm}']{more})");
        assert_eq!(value(&call(&format!(", {LONG}"))), CLAIMS, "{algorithm}");
        assert_eq!(
            value(&call("")),
            "error: jwt_decode: the token has expired at 2011-03-22T18:43:00Z"
        );
        let tampered =
            call(&format!(", {LONG}")).replacen("eyJpc3MiOiJqb2Ui", "eyJpc3MiOiJqb2Ei", 1);
        assert_eq!(
            value(&tampered),
            "error: jwt_decode: the signature is not of this key"
        );
    }
}

#[test]
fn nobody_s_signature_is_refused() {
    for allowed in ["['HS256']", "['none']", "['none', 'HS256']"] {
        let answer = value(&format!(
            "'{UNSIGNED}' | jwt_decode('x' * 40, algorithms={allowed})"
        ));
        assert!(answer.starts_with("error: jwt"), "{answer}");
    }
    assert_eq!(
        value(&format!("'{UNSIGNED}' | jwt_decode('x', verify=false)")),
        CLAIMS
    );
    // A public key that is taken for the secret of an HMAC.
    let answer = value("{'a': 1} | jwt_encode('-----BEGIN PUBLIC KEY-----\\nx')");
    assert!(answer.contains("wants a secret"), "{answer}");
}

#[test]
fn what_is_signed_is_checked_and_keys_and_tokens_stay_secret() {
    let made = "({'sub': 'me', 'aud': 'api', 'iss': 'us'} | jwt_encode('hunter2-hunter2', headers={'kid': '7'}))";
    let ask = |more: &str| value(&format!("{made} | jwt_decode({more})"));
    assert_eq!(
        ask("'hunter2-hunter2', audience='api', issuer=['us', 'them']"),
        "{'sub': 'me', 'aud': 'api', 'iss': 'us'}"
    );
    for (more, told) in [
        (
            "'hunter2-hunter3', audience='api'",
            "the signature is not of this key",
        ),
        ("'hunter2-hunter2'", "another audience"),
        ("'hunter2-hunter2', audience='other'", "another audience"),
        (
            "'hunter2-hunter2', audience='api', issuer='other'",
            "another issuer",
        ),
        (
            "'hunter2-hunter2', algorithms=['HS512'], audience='api'",
            "signed with `HS256`",
        ),
        ("''", "the key is empty"),
        ("7", "the key is a text"),
    ] {
        let answer = ask(more);
        assert!(
            answer.starts_with("error") && answer.contains(told),
            "{more}: {answer}"
        );
        assert!(
            !answer.contains("hunter") && !answer.contains("eyJ"),
            "{answer}"
        );
    }
    let header = format!("{made}.split('.')[0] | b64decode(urlsafe=true)");
    assert!(value(&header).contains("kid"), "{}", value(&header));
    let late = value("{'nbf': 99999999999} | jwt_encode('s') | jwt_decode('s')");
    assert!(late.contains("not valid before"), "{late}");
    let missing = value("{'a': 1} | jwt_encode('s') | jwt_decode('s', issuer='us')");
    assert!(missing.contains("no `iss`"), "{missing}");
    for wrong in [
        "'a.b' | jwt_decode('s')",
        "'a.b.c' | jwt_decode('s')",
        "7 | jwt_decode('s')",
        "[] | jwt_encode('s')",
        "{} | jwt_encode('s', algorithm='none')",
        "{} | jwt_encode('s', headers={'alg': 'none'})",
        "{} | jwt_encode('s', algorithm='RS256')",
    ] {
        assert!(
            value(wrong).starts_with("error"),
            "{wrong}: {}",
            value(wrong)
        );
    }
}

#[test]
fn private_keys_of_every_kind_sign() {
    for (algorithm, private, public) in [
        ("EdDSA", ED_PRIVATE, ED_PUBLIC),
        ("ES256", EC_PRIVATE, EC_PUBLIC),
    ] {
        let call = format!(
            "{{'a': 1}} | jwt_encode('{private}', algorithm='{algorithm}') \
             | jwt_decode('{public}', algorithms='{algorithm}')"
        );
        assert_eq!(value(&call.replace('\n', "\\n")), "{'a': 1}", "{algorithm}");
    }
}

/// RFC 8037, A.1 as PEM.
const ED_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\n\
    MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n\
    -----END PRIVATE KEY-----\n";
const ED_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
    MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=\n\
    -----END PUBLIC KEY-----\n";

/// Made for this test.
const EC_PRIVATE: &str = "-----BEGIN PRIVATE KEY-----\n\
    MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgxfyY4jdDHAu+WTI+\n\
    Fzo3ZeTXx4dPFEVklNEJs+y3LIuhRANCAATOG9gJNXSMIq+iN/W9K9kAL97uQAMy\n\
    JPV0SdQ1t49fNmLSMh5q2lezmkknDT8kKy0086eFNnM8iPJG1CpPdz0+\n\
    -----END PRIVATE KEY-----\n";
const EC_PUBLIC: &str = "-----BEGIN PUBLIC KEY-----\n\
    MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEzhvYCTV0jCKvojf1vSvZAC/e7kAD\n\
    MiT1dEnUNbePXzZi0jIeatpXs5pJJw0/JCstNPOnhTZzPIjyRtQqT3c9Pg==\n\
    -----END PUBLIC KEY-----\n";

#[test]
fn a_secret_that_is_shorter_than_the_hash_is_warned_of() {
    let warnings = |expression: &str| {
        let engine = Engine::new(Settings::default());
        let table = Arc::new(Table::new(Map::new()));
        let scope: Arc<dyn Scope> = Arc::clone(&table) as Arc<dyn Scope>;
        engine
            .expression(&Str::template(expression, None), &scope)
            .unwrap();
        table.warnings.lock().unwrap().join("\n")
    };
    for (expression, least) in [
        ("{} | jwt_encode('short')", "HS256 wants at least 32 bytes"),
        (
            "{} | jwt_encode('x' * 47, algorithm='HS384')",
            "HS384 wants at least 48 bytes",
        ),
        (
            "{} | jwt_encode({'kty': 'oct', 'k': 'AAAA'}, algorithm='HS512')",
            "HS512 wants at least 64 bytes",
        ),
    ] {
        let said = warnings(expression);
        assert!(said.contains(least) && said.contains("RFC 7518"), "{said}");
    }
    for expression in [
        "{} | jwt_encode('x' * 32)",
        "{} | jwt_encode('x' * 64, algorithm='HS512')",
    ] {
        assert_eq!(warnings(expression), "");
    }
}
