using System.Net;

using Benchmarks.Load.RawHttp;

namespace Benchmarks.Load.Servers;

/// <summary>A server process.</summary>
/// <param name="Address">Where it listens.</param>
/// <param name="ProcessId">Whose time and memory are counted.</param>
/// <param name="KeepsConnections">Whether connections are kept alive.</param>
/// <param name="HasMetrics">Whether <c>/metrics</c> reports allocations.</param>
internal sealed record BenchmarkServer(IPEndPoint Address, int ProcessId, bool KeepsConnections = true, bool HasMetrics = true)
{
    public static BenchmarkServer At(Uri address, int processId) => new(new IPEndPoint(IPAddress.Parse(address.Host), address.Port), processId);

    /// <summary>Sends one request, whose response must be as expected.</summary>
    /// <returns>Head and body.</returns>
    public (string Head, byte[] Body) SendOnce(byte[] request, params int[] accepted)
    {
        using var connection = new RawHttpConnection(Address, KeepsConnections);
        var status = connection.Send(request);
        return Array.IndexOf(accepted, status) >= 0
            ? (connection.Head, Dechunk(connection.Head, connection.Body))
            : throw new InvalidOperationException($"Status {status}: {System.Text.Encoding.UTF8.GetString(connection.Body)}");
    }

    private static byte[] Dechunk(string head, ReadOnlySpan<byte> body)
    {
        if (!head.Contains("chunked", StringComparison.OrdinalIgnoreCase))
        {
            return body.ToArray();
        }

        var whole = new List<byte>(body.Length);
        while (true)
        {
            var end = body.IndexOf("\r\n"u8);
            var length = Convert.ToInt32(System.Text.Encoding.ASCII.GetString(body[..end]), 16);
            if (length == 0)
            {
                return [.. whole];
            }

            whole.AddRange(body.Slice(end + 2, length));
            body = body[(end + 2 + length + 2)..];
        }
    }
}
