using System.Text;

namespace Benchmarks.Load.RawHttp;

/// <summary>Requests as bytes.</summary>
internal static class RawHttpRequest
{
    public const string Json = "application/json";
    public const string Ndjson = "application/x-ndjson";

    public static byte[] Get(string path, params ReadOnlySpan<string> headers) =>
        Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\n{HeaderLines(headers)}\r\n");

    public static byte[] Post(string path, string mediaType, string body, params ReadOnlySpan<string> headers)
    {
        var length = Encoding.UTF8.GetByteCount(body);
        return Encoding.UTF8.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {mediaType}\r\nContent-Length: {length}\r\n{HeaderLines(headers)}\r\n{body}");
    }

    private static string HeaderLines(ReadOnlySpan<string> headers)
    {
        var lines = new StringBuilder();
        foreach (var header in headers)
        {
            lines.Append(header).Append("\r\n");
        }

        return lines.ToString();
    }
}
