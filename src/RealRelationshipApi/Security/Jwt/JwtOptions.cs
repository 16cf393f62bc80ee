using Microsoft.IdentityModel.Tokens;

using RealRelationship.Storage.Encryption;

namespace RealRelationshipApi.Security.Jwt;

/// <summary>Options of bearer tokens from one OIDC issuer, such as a site's identity server.</summary>
internal sealed class JwtOptions
{
    public const string Section = "Jwt";

    private const int MaxClockSkewSeconds = 60;

    // Asymmetric only: a public key must never be used as an HMAC secret.
    private static readonly string[] s_supportedAlgorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512,
        SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    /// <summary>URL of the issuer, whose metadata has the signing keys; without it no tokens are accepted.</summary>
    public string? Authority { get; set; }

    /// <summary>The required audience.</summary>
    public string? Audience { get; set; }

    /// <summary>Accepted signature algorithms, separated by commas.</summary>
    public string Algorithms { get; set; } = "RS256,RS384,PS256,PS384,ES256,ES384";

    /// <summary>Accepted values of <c>typ</c>, separated by commas; not those of ID tokens.</summary>
    public string Types { get; set; } = "at+jwt,JWT";

    /// <summary>Allowed clock skew in seconds, 0 to 60.</summary>
    public int SkewSeconds { get; set; } = 30;

    /// <summary>The claim that names the tenant.</summary>
    public string TenantClaim { get; set; } = Caller.TenantClaim;

    /// <summary>The tenant of all tokens, if the issuer belongs to a single site.</summary>
    public string? Tenant { get; set; }

    /// <summary>The claim that lists the scopes, as a string or an array.</summary>
    public string ScopeClaim { get; set; } = Caller.ScopeClaim;

    /// <summary>Client ids whose tokens may have scope <c>operator</c>, separated by commas; default none.</summary>
    public string? OperatorClients { get; set; }

    internal bool IsConfigured => !string.IsNullOrWhiteSpace(Authority);

    internal IReadOnlyList<string> AlgorithmList => SplitList(Algorithms);

    internal IReadOnlyList<string> TypeList => SplitList(Types);

    internal bool IsOperatorClient(string? client) => client is not null && SplitList(OperatorClients ?? "").Contains(client, StringComparer.Ordinal);

    /// <summary>Whether the issuer uses HTTP without TLS, which is allowed only on this machine.</summary>
    internal bool IsPlainHttp => Uri.TryCreate(Authority, UriKind.Absolute, out var uri) && uri.Scheme == Uri.UriSchemeHttp;

    /// <exception cref="StartupConfigurationException">A setting is missing or unsafe.</exception>
    internal void Validate()
    {
        if (IsConfigured && FindError() is { } error)
        {
            throw new StartupConfigurationException(error);
        }
    }

    private string? FindError()
    {
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var uri) || !(uri.Scheme == Uri.UriSchemeHttps || (IsPlainHttp && uri.IsLoopback)))
        {
            return "Jwt__Authority must be an https address.";
        }

        if (string.IsNullOrWhiteSpace(Audience))
        {
            return "With Jwt__Authority set Jwt__Audience: without it a token for another service would let in here.";
        }

        if (AlgorithmList.Count == 0 || AlgorithmList.Except(s_supportedAlgorithms).FirstOrDefault() is not null)
        {
            return $"Jwt__Algorithms may list {string.Join(", ", s_supportedAlgorithms)}.";
        }

        if (TypeList.Count == 0)
        {
            return "Jwt__Types must list at least one type.";
        }

        if (Tenant is not null && !Caller.IsTenantName(Tenant))
        {
            return $"Jwt__Tenant must be {Caller.TenantNameRule}.";
        }

        return SkewSeconds is < 0 or > MaxClockSkewSeconds ? $"Jwt__SkewSeconds must be 0 to {MaxClockSkewSeconds}." : null;
    }

    private static string[] SplitList(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
