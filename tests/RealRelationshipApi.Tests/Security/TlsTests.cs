using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

using RealRelationship.Testing;

using RealRelationshipApi.Tests.Support;

namespace RealRelationshipApi.Tests.Security;

/// <summary>TLS by the settings of Kestrel, with a certificate from PEM files.</summary>
public sealed class TlsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [SlowFact("It starts a service process with a certificate and waits for the expiry of a cached answer.")]
    public async Task HSTS_is_sent_over_TLS_and_the_healthcheck_command_works()
    {
        var (service, address) = await ServiceExecutable.ServeAsync(_folder, Settings("https://127.0.0.1:0"));
        await using var running = service;
        Assert.Equal("https", address.Scheme);
        using var trusted = X509CertificateLoader.LoadCertificateFromFile(_folder.File("tls.crt"));
        using var door = new SocketsHttpHandler();
        door.SslOptions.CertificateChainPolicy = new X509ChainPolicy
        {
            TrustMode = X509ChainTrustMode.CustomRootTrust, CustomTrustStore = { trusted },
            RevocationMode = X509RevocationMode.NoCheck
        };
        using var client = new HttpClient(door) { BaseAddress = address };
        using var answer = await client.GetAsync(new Uri("/meta/pool", UriKind.Relative));
        Assert.Equal(["max-age=31536000"], answer.Headers.GetValues("Strict-Transport-Security"));
        Assert.False(answer.Headers.Contains("Server"));
        (string, string)[] asked = [("Kestrel__Endpoints__Https__Url", address.ToString())];
        (await ServiceExecutable.RunAsync(_folder, ["healthcheck"], asked)).ShouldExitWith(0);
        (await running.StopAsync()).ShouldExitWith(0);
        (await ServiceExecutable.RunAsync(_folder, ["healthcheck"], asked)).ShouldExitWith(1);
    }

    private (string, string)[] Settings(string address)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=clinic.example", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        var now = TimeProvider.System.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1));
        return
        [
            ("Privacy__Key", ServiceExecutable.PrivacyKey), ("Access__PublicRead", "true"),
            ("Kestrel__Endpoints__Https__Url", address),
            ("Kestrel__Endpoints__Https__Certificate__Path", _folder.Write("tls.crt", certificate.ExportCertificatePem())),
            ("Kestrel__Endpoints__Https__Certificate__KeyPath", _folder.Write("tls.key", key.ExportPkcs8PrivateKeyPem())),
        ];
    }
}
