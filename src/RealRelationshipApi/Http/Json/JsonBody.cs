using System.Buffers;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json;

using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;

using RealRelationshipApi.Http.Problems;

namespace RealRelationshipApi.Http.Json;

/// <summary>The JSON body as parameter of a handler; the filter of <c>WithValidation</c> answers what is wrong with it before the handler runs.</summary>
internal sealed class JsonBody<T> where T : class
{
    private readonly T? _value;

    private JsonBody(T? value, Problem? problem) => (_value, Problem) = (value, problem);

    /// <summary>What is wrong with the body; null if it was read.</summary>
    public Problem? Problem { get; }

    /// <exception cref="InvalidOperationException">There is a <see cref="Problem"/>.</exception>
    public T Value => _value ?? throw new InvalidOperationException("The body could not be read.");

    public static async ValueTask<JsonBody<T>?> BindAsync(HttpContext context)
    {
        var (value, problem) = await JsonBody.ReadAsync<T>(context.Request, context.RequestAborted);
        return new(value, problem);
    }
}

/// <summary>Reads JSON bodies.</summary>
internal static class JsonBody
{
    /// <summary>The value, or a problem: 400 with every error if the body is empty or not that JSON, 415 if it is not declared as JSON.</summary>
    public static async Task<(T? Value, Problem? Problem)> ReadAsync<T>(HttpRequest request, CancellationToken cancellationToken) where T : class
    {
        if (request.HttpContext.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody == false)
        {
            return (null, Missing());
        }

        if (!request.HasJsonContentType())
        {
            return (null, new(ProblemKind.UnsupportedMediaType));
        }

        var reader = ReaderOf(request);
        var body = await ReadToEndAsync(reader, cancellationToken);
        try
        {
            return Parse<T>(ByteOrderMark.Skip(body), request.HttpContext.RequestServices);
        }
        finally
        {
            reader.AdvanceTo(body.End);
        }
    }

    // The whole body stays in the pipe, so that it can be read a second time for all of its errors.
    private static async ValueTask<ReadOnlySequence<byte>> ReadToEndAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await reader.ReadAsync(cancellationToken);
            if (result.IsCompleted)
            {
                return result.Buffer;
            }

            reader.AdvanceTo(result.Buffer.Start, result.Buffer.End);
        }
    }

    private static PipeReader ReaderOf(HttpRequest request)
    {
        var charset = MediaTypeHeaderValue.Parse(request.ContentType).Charset.Value?.Trim('"');
        return charset is null || charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase) ? request.BodyReader
            : PipeReader.Create(Encoding.CreateTranscodingStream(request.Body, Encoding.GetEncoding(charset), Encoding.UTF8));
    }

    private static (T? Value, Problem? Problem) Parse<T>(ReadOnlySequence<byte> body, IServiceProvider validators) where T : class
    {
        try
        {
            var value = JsonSerializer.Deserialize<T>(body.IsSingleSegment ? body.FirstSpan : body.ToArray(), StrictJson.Options);
            return value is null ? (null, Missing()) : (value, null);
        }
        catch (JsonException) when (body.IsEmpty)
        {
            return (null, Missing());
        }
        catch (JsonException error)
        {
            return (null, Problem.Invalid(FindErrors<T>(body, error, validators)));
        }
    }

    private static IReadOnlyList<FieldError> FindErrors<T>(ReadOnlySequence<byte> body, JsonException first, IServiceProvider validators)
    {
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = StrictJson.Options.MaxDepth });
            return JsonDiagnosis.FindErrors(document.RootElement, typeof(T), first, validators);
        }
        catch (JsonException error)
        {
            var errors = StrictJson.ToErrors(first);
            return Array.Exists(errors, e => e.Code == ErrorCodes.NotJson) ? errors : [.. errors, .. StrictJson.ToErrors(error)];
        }
    }

    private static Problem Missing() => Problem.Malformed(new FieldError("#", ErrorCodes.Required, "is required: the body is empty, or null"));
}
