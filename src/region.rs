//! The regions in which the service stands, by name.

use std::env;

use crate::endpoint::Endpoint;
use crate::error::Error;

/// The service and IAM of a region. IAM's tokens of the first two hold in all of that site.
#[derive(Debug)]
struct Known {
    name: &'static str,
    endpoint: &'static str,
    iam: &'static str,
}

/// From the public endpoint lists. No other region is known to have the service.
const KNOWN: [Known; 3] = [
    Known {
        name: "cn-south-1",
        endpoint: "https://osm.cn-south-1.myhuaweicloud.com",
        iam: GLOBAL_IAM,
    },
    Known {
        name: "ap-southeast-3",
        endpoint: "https://osm.ap-southeast-3.myhuaweicloud.com",
        iam: GLOBAL_IAM,
    },
    Known {
        name: "eu-west-101",
        endpoint: "https://osm.eu-west-101.myhuaweicloud.eu",
        iam: EUROPES_IAM,
    },
];
/// For the sites of China and of the world.
const GLOBAL_IAM: &str = "https://iam.myhuaweicloud.com";
const EUROPES_IAM: &str = "https://iam.eu-west-101.myhuaweicloud.eu";

/// A region that a caller named.
#[derive(Debug, Clone)]
pub(crate) struct Region {
    pub(crate) endpoint: Endpoint,
    /// IAM of its site; none for a region that only the environment knows.
    iam: Option<Endpoint>,
}

impl Region {
    /// The region of this name. Its endpoint is the environment's, if that names one as the
    /// vendor's SDKs have it, else the known one.
    pub(crate) fn named(name: &str) -> Result<Self, Error> {
        let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        if name.is_empty() || name.len() > 64 || !name.bytes().all(is_name) {
            return Err(unknown(name.is_ascii().then_some(name)));
        }
        let known = KNOWN.iter().find(|known| known.name == name);
        let variable =
            format!("HUAWEICLOUD_SDK_REGION_OSM_{}", name.replace('-', "_").to_ascii_uppercase());
        // The vendor's variable may list several, of which the first one is used.
        let listed = env::var(&variable).unwrap_or_default();
        let moved = listed.split(',').next().unwrap_or_default().trim();
        let endpoint = match known {
            _ if !moved.is_empty() => moved,
            Some(known) => known.endpoint,
            None => return Err(unknown(Some(name))),
        };
        Ok(Self {
            endpoint: Endpoint::parse("region", endpoint)?,
            iam: known.map(|known| Endpoint::parse("region", known.iam)).transpose()?,
        })
    }
}

/// IAM of the site that a service's endpoint belongs to. A password is for one site alone, so it
/// is not sent to the likeliest one on a guess.
pub(crate) fn iam_endpoint(region: Option<&Region>, service: &Endpoint) -> Result<Endpoint, Error> {
    const FIELD: &str = "iam_endpoint";
    if let Some(iam) = region.and_then(|region| region.iam.as_ref()) {
        return Ok(iam.clone());
    }
    let sites = [(".myhuaweicloud.com", GLOBAL_IAM), (".myhuaweicloud.eu", EUROPES_IAM)];
    let Some((_, iam)) = sites.iter().find(|(site, _)| service.host.ends_with(site)) else {
        return Err(Error::invalid(
            FIELD,
            format!(
                "{FIELD} is not set, and the service's endpoint does not tell which IAM knows the \
                 account: set it, such as to {GLOBAL_IAM}, or set the region"
            ),
        ));
    };
    Endpoint::parse(FIELD, iam)
}

fn unknown(region: Option<&str>) -> Error {
    let names = KNOWN.map(|known| known.name).join(", ");
    let what = region.map(|region| format!(" {}", region.escape_debug())).unwrap_or_default();
    Error::invalid(
        "region",
        format!("region{what} is not known ({names} are): set the endpoint instead"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_has_its_endpoint_and_an_endpoint_its_iam() {
        let own = Endpoint::parse("endpoint", "https://osm.example.com").unwrap();
        for (region, host, iam) in [
            ("cn-south-1", "osm.cn-south-1.myhuaweicloud.com", "iam.myhuaweicloud.com"),
            ("ap-southeast-3", "osm.ap-southeast-3.myhuaweicloud.com", "iam.myhuaweicloud.com"),
            ("eu-west-101", "osm.eu-west-101.myhuaweicloud.eu", "iam.eu-west-101.myhuaweicloud.eu"),
        ] {
            let named = Region::named(region).unwrap();
            assert_eq!((named.endpoint.host.as_str(), named.endpoint.port), (host, 443));
            assert_eq!(iam_endpoint(None, &named.endpoint).unwrap().host, iam);
            // Behind another name, the service is the region's all the same.
            assert_eq!(iam_endpoint(Some(&named), &own).unwrap().host, iam);
        }
        let european = Endpoint::parse("endpoint", "https://OSM.other.myhuaweicloud.eu:8443/p");
        let iam = iam_endpoint(None, &european.unwrap()).unwrap();
        assert_eq!(iam.host, "iam.eu-west-101.myhuaweicloud.eu");
        for other in ["https://osm.example.com", "https://myhuaweicloud.com.example.com"] {
            let other = Endpoint::parse("endpoint", other).unwrap();
            assert_eq!(iam_endpoint(None, &other).unwrap_err().field(), "iam_endpoint");
        }
        for region in ["", "nowhere-1", "CN-SOUTH-1", "a b", "ü", &"x".repeat(65)] {
            assert_eq!(Region::named(region).unwrap_err().field(), "region", "{region}");
        }
    }
}
