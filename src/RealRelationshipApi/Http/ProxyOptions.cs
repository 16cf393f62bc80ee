using System.Net;

using Microsoft.AspNetCore.HttpOverrides;

using IPNetwork = System.Net.IPNetwork;

namespace RealRelationshipApi.Http;

/// <summary>Trusted reverse proxies.</summary>
internal sealed class ProxyOptions
{
    public const string Section = "Http";

    /// <summary>Addresses or networks (<c>10.0.0.0/8</c>), separated by commas, whose X-Forwarded-For, -Proto and -Host are trusted; default
    /// none.</summary>
    public string? TrustedProxies { get; set; }

    private IEnumerable<string> Names => (TrustedProxies ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether all entries are addresses or networks.</summary>
    public bool IsValid() => Names.All(name => IPNetwork.TryParse(name, out _) || IPAddress.TryParse(name, out _));

    /// <summary>Applies the headers of these proxies only.</summary>
    public void Apply(ForwardedHeadersOptions forwarded)
    {
        forwarded.ForwardedHeaders = ForwardedHeaders.XForwardedFor | ForwardedHeaders.XForwardedProto | ForwardedHeaders.XForwardedHost;
        forwarded.KnownProxies.Clear();
        forwarded.KnownIPNetworks.Clear();
        foreach (var name in Names)
        {
            forwarded.KnownIPNetworks.Add(IPNetwork.TryParse(name, out var network) ? network
                : new(IPAddress.Parse(name), IPAddress.Parse(name).GetAddressBytes().Length * 8));
        }
    }
}
