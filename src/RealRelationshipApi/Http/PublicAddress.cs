using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

namespace RealRelationshipApi.Http;

/// <summary>Public URL of the service.</summary>
internal sealed class PublicAddress
{
    public const string Section = "Public";

    /// <summary>Scheme, host and path without a trailing slash, such as <c>https://evidence.example.org</c>. Used in citations, JSON-LD and problem
    /// types; without it they are relative, because the Host header is client input.</summary>
    [Url]
    public string? BaseUrl { get; set; }

    /// <summary>Prefix of URLs in a response: <see cref="BaseUrl"/>, otherwise that of a request from this machine, otherwise empty.</summary>
    public static string PrefixFor(HttpRequest request) =>
        request.HttpContext.RequestServices.GetRequiredService<IOptions<PublicAddress>>().Value.BaseUrl?.TrimEnd('/')
            ?? (IsLoopback(request.Host) ? $"{request.Scheme}://{request.Host}{request.PathBase}" : request.PathBase.ToString());

    /// <summary>Whether a Host header names this machine.</summary>
    public static bool IsLoopback(HostString host) => Uri.TryCreate($"http://{host}", UriKind.Absolute, out var uri) && uri.IsLoopback;
}
