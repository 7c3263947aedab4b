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
        iam: "https://iam.eu-west-101.myhuaweicloud.eu",
    },
];
const GLOBAL_IAM: &str = "https://iam.myhuaweicloud.com";

/// The endpoint of a region: the environment's, if it names one as the vendor's SDKs have it,
/// else the known one.
pub(crate) fn endpoint(region: &str) -> Result<Endpoint, Error> {
    let is_name = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if region.is_empty() || region.len() > 64 || !region.bytes().all(is_name) {
        return Err(unknown(region.is_ascii().then_some(region)));
    }
    let variable =
        format!("HUAWEICLOUD_SDK_REGION_OSM_{}", region.replace('-', "_").to_ascii_uppercase());
    // The vendor's variable may list several, of which the first one is used.
    let listed = env::var(&variable).unwrap_or_default();
    let first = listed.split(',').next().unwrap_or_default().trim();
    if !first.is_empty() {
        return Endpoint::parse("region", first);
    }
    match KNOWN.iter().find(|known| known.name == region) {
        Some(known) => Endpoint::parse("region", known.endpoint),
        None => Err(unknown(Some(region))),
    }
}

/// IAM for a service's endpoint: of the same site.
pub(crate) fn iam_endpoint(service: &Endpoint) -> Result<Endpoint, Error> {
    let host = format!("https://{}", service.host);
    let known = KNOWN.iter().find(|known| known.endpoint == host);
    Endpoint::parse("iam_endpoint", known.map_or(GLOBAL_IAM, |known| known.iam))
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
        for (region, host, iam) in [
            ("cn-south-1", "osm.cn-south-1.myhuaweicloud.com", "iam.myhuaweicloud.com"),
            ("ap-southeast-3", "osm.ap-southeast-3.myhuaweicloud.com", "iam.myhuaweicloud.com"),
            ("eu-west-101", "osm.eu-west-101.myhuaweicloud.eu", "iam.eu-west-101.myhuaweicloud.eu"),
        ] {
            let service = endpoint(region).unwrap();
            assert_eq!((service.host.as_str(), service.port), (host, 443));
            assert_eq!(iam_endpoint(&service).unwrap().host, iam);
        }
        let own = Endpoint::parse("endpoint", "https://osm.example.com").unwrap();
        assert_eq!(iam_endpoint(&own).unwrap().host, "iam.myhuaweicloud.com");
        for region in ["", "nowhere-1", "CN-SOUTH-1", "a b", "ü", &"x".repeat(65)] {
            assert_eq!(endpoint(region).unwrap_err().field(), "region", "{region}");
        }
    }
}
