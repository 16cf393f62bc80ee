using RealRelationshipApi.Http;

namespace RealRelationshipApi.Meta;

/// <summary>What several analyses have to say of a fit.</summary>
internal static class FitWarnings
{
    public static readonly Warning FloorApplied =
        new("floorApplied", "The Knapp–Hartung multiplier was below 1 and would have made intervals shorter than the normal ones; it was held at 1.");

    public static readonly Warning SeveralModes = new("severalModes", "The likelihood of tau² has more than one peak; the highest was taken.");
}
