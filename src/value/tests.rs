use super::{Value, float_repr, from_json, to_json};

#[test]
fn floats_print_as_python_does() {
    for (number, text) in [
        (1.0, "1.0"),
        (1e20, "1e+20"),
        (1e16, "1e+16"),
        (123456789012345.0, "123456789012345.0"),
        (1e-5, "1e-05"),
        (0.0001, "0.0001"),
        (1.5e300, "1.5e+300"),
        (-0.0, "-0.0"),
        (922_337_203_685_477.2, "922337203685477.2"),
        (1.7976931348623157e308, "1.7976931348623157e+308"),
        (5e-324, "5e-324"),
        (0.1 + 0.2, "0.30000000000000004"),
        (9007199254740992.0, "9007199254740992.0"),
    ] {
        assert_eq!(float_repr(number), text);
    }
}

#[test]
fn equal_numbers_are_one_key() {
    let mut map = super::Map::new();
    map.insert(Value::Int(1), Value::str("a"));
    map.insert(Value::Bool(true), Value::str("b"));
    map.insert(Value::Float(1.0), Value::str("c"));
    assert_eq!(map.len(), 1);
    assert_eq!(map.get_value(&Value::Int(1)), Some(&Value::str("c")));
}

#[test]
fn json_goes_there_and_back() {
    let text = r#"{"a": [1, 2.5, null, true], "b": {"c": "x\ny"}, "d": 18446744073709551616123}"#;
    assert_eq!(to_json(&from_json(text).unwrap()), text);
}

#[test]
fn numbers_of_json_are_pythons() {
    for (text, repr) in [
        ("-9223372036854775809", "-9223372036854775809"),
        ("9223372036854775807", "9223372036854775807"),
        (
            "123456789012345678901234567890",
            "123456789012345678901234567890",
        ),
        ("1E400", "inf"),
        ("[NaN, Infinity, -Infinity]", "[nan, inf, -inf]"),
        ("-0", "0"),
        ("-0.0", "-0.0"),
        (r#""\ud83d\ude00""#, "'\u{1f600}'"),
    ] {
        assert_eq!(from_json(text).unwrap().repr(), repr);
    }
    for text in [
        "", "01", "+1", "1.", "{1: 2}", "[1,]", "nul", "'a'", "1 2", "\"\n\"",
    ] {
        assert!(from_json(text).is_err(), "{text}");
    }
}

#[test]
fn repr_quotes_as_python_does() {
    assert_eq!(Value::str("it's").repr(), "\"it's\"");
    assert_eq!(Value::str("a\"b'c").repr(), "'a\"b\\'c'");
    assert_eq!(Value::str("\u{1}é\n").repr(), "'\\x01é\\n'");
    assert_eq!(
        Value::list(vec![Value::Null, Value::Bool(true), Value::str("x")]).repr(),
        "[None, True, 'x']"
    );
}
