"""What do customers think?"""
