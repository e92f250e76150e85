//! The proxy that the environment configures.
//!
//! Depends on the scheme of the base URL, as in curl: `https_proxy` or `http_proxy`, else `all_proxy`, in
//! lower or upper case; `no_proxy` lists hosts to connect to directly, including their subdomains.

use ureq::Proxy;

use super::url::BaseUrl;

/// A variable that is not a valid proxy. Its value is not shown, since it may contain a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{variable} is not a proxy URL such as http://proxy.example.org:3128")]
pub(in crate::v2::store) struct ProxyError {
    variable: String,
}

/// Finds the proxy for a base URL; `variable` reads an environment variable.
pub(in crate::v2::store) fn find(
    base: &BaseUrl,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Option<Proxy>, ProxyError> {
    let either = |name: &str| {
        [name.to_owned(), name.to_ascii_uppercase()].into_iter().find_map(|name| {
            let value = variable(&name).filter(|value| !value.is_empty())?;
            Some((name, value))
        })
    };
    let of_scheme = if base.is_https() { "https_proxy" } else { "http_proxy" };
    let Some((variable, value)) = either(of_scheme).or_else(|| either("all_proxy")) else {
        return Ok(None);
    };
    let (_, direct) = either("no_proxy").unwrap_or_default();
    match build(&value, &direct) {
        Ok(proxy) => Ok(Some(proxy)),
        Err(_) => Err(ProxyError { variable }),
    }
}

fn build(url: &str, direct: &str) -> Result<Proxy, ureq::Error> {
    let named = Proxy::new(url)?;
    // Only the builder accepts hosts to connect to directly.
    let mut proxy = Proxy::builder(named.protocol())
        .host(named.host())
        .port(named.port())
        .resolve_target(named.resolve_target());
    if let Some(username) = named.username() {
        proxy = proxy.username(username);
    }
    if let Some(password) = named.password() {
        proxy = proxy.password(password);
    }
    for host in direct.split(',').map(str::trim).filter(|host| !host.is_empty()) {
        proxy = proxy.no_proxy(host);
        if !host.starts_with(['.', '*']) {
            proxy = proxy.no_proxy(&format!(".{host}"));
        }
    }
    proxy.build()
}

#[cfg(test)]
mod tests {
    use super::*;

    type Row<'a> = (&'a str, &'a [(&'a str, &'a str)], Result<Option<&'a str>, &'a str>);

    #[test]
    fn the_environment_configures_a_proxy() {
        let rows: [Row; 11] = [
            ("https://v2.test/", &[], Ok(None)),
            ("https://v2.test/", &[("https_proxy", "")], Ok(None)),
            ("https://v2.test/", &[("HTTPS_PROXY", "http://p:1")], Ok(Some("p"))),
            ("https://v2.test/", &[("http_proxy", "http://p:1")], Ok(None)),
            ("http://v2.test/", &[("HTTPS_PROXY", "http://p:1")], Ok(None)),
            ("http://v2.test/", &[("http_proxy", "p:1")], Ok(Some("p"))),
            ("http://v2.test/", &[("ALL_PROXY", "socks5h://p:1")], Ok(Some("p"))),
            (
                "https://v2.test/",
                &[("https_proxy", "http://a"), ("HTTPS_PROXY", "http://b")],
                Ok(Some("a")),
            ),
            ("https://v2.test/", &[("https_proxy", "http://u:s%40c@p:1")], Ok(Some("p"))),
            ("https://v2.test/", &[("https_proxy", "ftp://p:1")], Err("https_proxy")),
            ("https://v2.test/", &[("https_proxy", "http://")], Err("https_proxy")),
        ];
        for (base, environment, expected) in rows {
            let variable = |name: &str| {
                let found = environment.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| (*value).to_owned())
            };
            let found = find(&base.parse().unwrap(), variable);
            let found = found.map(|proxy| proxy.map(|proxy| proxy.host().to_owned()));
            let expected = expected
                .map(|host| host.map(str::to_owned))
                .map_err(|variable| ProxyError { variable: variable.to_owned() });
            assert_eq!(found, expected, "{base} with {environment:?}");
        }
    }

    #[test]
    fn no_proxy_includes_subdomains() {
        let proxy = build("http://p:1", "v2.test, .inner.test,localhost").unwrap();
        let rows = [
            ("https://v2.test/", true),
            ("https://a.v2.test/", true),
            ("https://nov2.test/", false),
            ("https://a.inner.test/", true),
            ("http://localhost:8080/", true),
            ("https://elsewhere.test/", false),
        ];
        for (url, direct) in rows {
            assert_eq!(proxy.is_no_proxy(&url.parse().unwrap()), direct, "{url}");
        }
        assert!(build("http://p:1", "*").unwrap().is_no_proxy(&"https://a.test/".parse().unwrap()));
    }
}
