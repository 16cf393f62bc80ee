using RealRelationship.Storage;

namespace RealRelationshipApi.Studies.Coding;

/// <summary>Metadata of operations whose responses depend on second codings, so that these are part of their ETag and of the key they are cached by.</summary>
internal sealed class ShownCodingsMetadata;

internal static class ShownCodings
{
    /// <summary>Declares that the responses of an operation depend on second codings, which move no evidence revision.</summary>
    public static TBuilder ShowsCodings<TBuilder>(this TBuilder builder) where TBuilder : IEndpointConventionBuilder =>
        builder.WithMetadata(new ShownCodingsMetadata());

    /// <summary>Number of the last change of a coding, if the response depends on codings; 0 otherwise.</summary>
    public static async Task<long> LastCodingAsync(this HttpContext context, Database database)
    {
        if (context.GetEndpoint()?.Metadata.GetMetadata<ShownCodingsMetadata>() is null)
        {
            return 0;
        }

        if (context.Features.Get<LastCoding>() is not { } last)
        {
            last = new(await database.ReadAsync(StudyCodingRow.LastChange, context.RequestAborted));
            context.Features.Set(last);
        }

        return last.Change;
    }

    private sealed record LastCoding(long Change);
}
