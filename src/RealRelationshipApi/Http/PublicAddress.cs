using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

namespace RealRelationshipApi.Http;

/// <summary>The address under which the public reaches the service.</summary>
internal sealed class PublicAddress
{
    public const string Section = "Public";

    /// <summary>Scheme, host and path without a trailing slash, such as <c>https://evidence.example.org</c>. It stands in citations, in JSON-LD and in the
    /// type of problems; without it they have paths only, because the Host header is whatever the caller sends.</summary>
    [Url]
    public string? BaseUrl { get; set; }

    /// <summary>The prefix of addresses in a response: <see cref="BaseUrl"/>, else that of the request on this machine, else empty.</summary>
    public static string PrefixFor(HttpRequest request) =>
        request.HttpContext.RequestServices.GetRequiredService<IOptions<PublicAddress>>().Value.BaseUrl?.TrimEnd('/')
            ?? (IsLoopback(request.Host) ? $"{request.Scheme}://{request.Host}{request.PathBase}" : request.PathBase.ToString());

    /// <summary>Whether a Host header names this machine.</summary>
    public static bool IsLoopback(HostString host) => Uri.TryCreate($"http://{host}", UriKind.Absolute, out var uri) && uri.IsLoopback;
}
