using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;

using Microsoft.IdentityModel.Tokens;

namespace RealRelationshipApi.Tests.Security.Jwt;

/// <summary>An identity server: its address, its document, its keys, and whatever tokens a test wants, good or bad.</summary>
internal sealed class TestTokenIssuer : IDisposable
{
    public const string Audience = "realrelationship";

    private readonly HttpListener _listener = new();

    public TestTokenIssuer()
    {
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            Address = $"http://127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        }

        _listener.Prefixes.Add(Address + "/");
        _listener.Start();
        _ = ServeAsync();
    }

    public string Address { get; }

    /// <summary>Id under which the RSA key is published.</summary>
    public string RsaKeyId { get; set; } = "rsa";

    /// <summary>How often the keys were fetched.</summary>
    public int KeyRequests { get; private set; }

    public RSA RsaKey { get; } = RSA.Create(2048);

    public ECDsa EcdsaKey { get; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    /// <summary>The settings of a service that takes tokens of this issuer.</summary>
    public (string Name, string Value)[] Settings => [("Jwt__Authority", Address), ("Jwt__Audience", Audience)];

    /// <summary>The claims of a token that lets in.</summary>
    public JsonObject Claims(string tenant = "clinic", string scope = "meta:read")
    {
        var now = TimeProvider.System.GetUtcNow().ToUnixTimeSeconds();
        return new()
        {
            ["iss"] = Address, ["aud"] = Audience, ["sub"] = "portal", ["iat"] = now, ["nbf"] = now - 1, ["exp"] = now + 300, ["tenant"] = tenant,
            ["scope"] = scope
        };
    }

    public static JsonObject Header(string algorithm = "RS256", string keyId = "rsa", string type = "at+jwt") =>
        new() { ["alg"] = algorithm, ["kid"] = keyId, ["typ"] = type };

    /// <summary>A token signed by this issuer's RSA key, whatever its header says.</summary>
    public string RS256Token(JsonObject? claims = null, JsonObject? head = null) =>
        Sign(head ?? Header(), claims ?? Claims(), bytes => RsaKey.SignData(bytes, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));

    public string ES256Token() => Sign(Header("ES256", "ec"), Claims(), bytes => EcdsaKey.SignData(bytes, HashAlgorithmName.SHA256));

    public static string Sign(JsonObject head, JsonObject claims, Func<byte[], byte[]> sign)
    {
        var text = $"{Encode(head)}.{Encode(claims)}";
        return $"{text}.{Base64UrlEncoder.Encode(sign(Encoding.ASCII.GetBytes(text)))}";
    }

    public static JsonObject PublicKey(RSA key, string keyId)
    {
        var parameters = key.ExportParameters(false);
        return new()
        {
            ["kty"] = "RSA", ["use"] = "sig", ["kid"] = keyId, ["n"] = Base64UrlEncoder.Encode(parameters.Modulus),
            ["e"] = Base64UrlEncoder.Encode(parameters.Exponent)
        };
    }

    public void Dispose()
    {
        _listener.Close();
        RsaKey.Dispose();
        EcdsaKey.Dispose();
    }

    private static string Encode(JsonObject part) => Base64UrlEncoder.Encode(part.ToJsonString());

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                KeyRequests += context.Request.Url!.AbsolutePath == "/keys" ? 1 : 0;
                var text = context.Request.Url!.AbsolutePath switch
                {
                    "/.well-known/openid-configuration" => new JsonObject { ["issuer"] = Address, ["jwks_uri"] = $"{Address}/keys" },
                    "/keys" => new JsonObject { ["keys"] = new JsonArray(PublicKey(RsaKey, RsaKeyId), ES256PublicKey()) },
                    _ => null,
                };
                context.Response.StatusCode = text is null ? 404 : 200;
                context.Response.ContentType = "application/json";
                context.Response.Close(Encoding.UTF8.GetBytes(text?.ToJsonString() ?? ""), willBlock: true);
            }
        }
        catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
        {
            // The issuer is gone.
        }
    }

    private JsonObject ES256PublicKey()
    {
        var point = EcdsaKey.ExportParameters(false).Q;
        return new()
        {
            ["kty"] = "EC", ["crv"] = "P-256", ["use"] = "sig", ["kid"] = "ec", ["x"] = Base64UrlEncoder.Encode(point.X),
            ["y"] = Base64UrlEncoder.Encode(point.Y)
        };
    }
}
